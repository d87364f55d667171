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

/** Takes `=true` off switches and leaves out those with `=false`. */
export function withoutFlagValues(words: readonly string[]): readonly string[] {
  return words.flatMap((word) => {
    const [flag = '', value] = word.split('=');
    if (value === undefined || !SWITCHES.includes(flag)) return [word];
    if (value === 'true') return [flag];
    return value === 'false' ? [] : [word];
  });
}
