/** Flags that kubectl's users also write with `=true` or `=false`. */
const SWITCHES: readonly string[] = [
  '--all-namespaces',
  '-A',
  '--insecure-skip-tls-verify',
  '--recursive',
  '-R',
  '--complete',
  '--quiet',
  '-q',
  '--show-ok',
  '--print-probe',
  '--no-exec',
  '--no-logs',
];

/** One letter with its value, as in `-v=6`. */
const SHORT_WITH_VALUE = /^-[nlfosv]=/;

/** Takes `=true` off switches and leaves out those with `=false`; parts one-letter flags from `=value`. */
export function withoutFlagValues(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => {
    if (SHORT_WITH_VALUE.test(word)) return [word.slice(0, 2), word.slice(3)];
    const [flag = '', value] = word.split('=');
    if (value === undefined || !SWITCHES.includes(flag)) return [word];
    if (value === 'true') return [flag];
    return value === 'false' ? [] : [word];
  });
}
