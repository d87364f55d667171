import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { env, execPath } from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { say } from '../cli/fake-host.ts';
import { PROGRAM } from '../cli/process.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';

const run = promisify(execFile);
const folder = temporaryFolder('completion-shells-');
const kubeconfig = join(folder, 'config');
const contexts = ['prod', 'arn:aws:eks:eu-1:cluster/a', 'two words'];
writeFileSync(
  kubeconfig,
  JSON.stringify({ contexts: contexts.map((name) => ({ name, context: { cluster: 'c', user: 'u' } })) }),
);
writeFileSync(join(folder, 'rendered.yaml'), '');
// The program and the Node that runs the tests come first.
const path = [dirname(PROGRAM), dirname(execPath), env.PATH].join(delimiter);

/** A home of its own: shells keep files there. */
function surroundings(): Record<string, string> {
  const home = mkdtempSync(join(folder, 'home-'));
  return { PATH: path, KUBECONFIG: kubeconfig, HOME: home, ZDOTDIR: home, XDG_CONFIG_HOME: home, LANG: 'C.UTF-8' };
}

async function script(shell: string): Promise<string> {
  const { exitCode, stdout } = await say(['completion', shell]);
  expect(exitCode).toBe(0);
  return stdout;
}

/** Why the shell is not asked, to be put behind a name; empty when it is. In CI it must be there. */
async function without(shell: string): Promise<string> {
  const found = await run(shell, ['-c', 'exit 0']).then(
    () => true,
    () => false,
  );
  return found || env.CI !== undefined ? '' : ` (skipped: there is no ${shell})`;
}

const noFish = await without('fish');
const noZsh = await without('zsh');

describe.skipIf(noFish !== '')(`the script for fish, in a real fish${noFish}`, () => {
  /** What fish offers for the line, without the descriptions. */
  async function offered(line: string): Promise<readonly string[]> {
    const own = surroundings();
    const completions = join(own.XDG_CONFIG_HOME ?? '', 'fish/completions');
    mkdirSync(completions, { recursive: true });
    writeFileSync(join(completions, 'kubectl-haptic_spire.fish'), await script('fish'));
    const { stdout, stderr } = await run('fish', ['-c', 'complete --do-complete $argv[1]', line], {
      env: own,
      cwd: folder,
    });
    expect(stderr).toBe('');
    return stdout
      .split('\n')
      .filter((found) => found !== '')
      .map((found) => found.split('\t')[0] ?? '');
  }

  it.each<[string, readonly string[]]>([
    ['kubectl-haptic_spire ver', ['version']],
    ['kubectl-haptic_spire doctor --fail-on ', ['fail', 'never', 'warn']],
    ['kubectl-haptic_spire doctor --output=j', ['--output=json']],
    ['kubectl-haptic_spire  explain   cert-loaded/missed-r', ['cert-loaded/missed-rotation']],
    ['kubectl-haptic_spire doctor --check svid-valid,svid-i', ['svid-valid,svid-issued']],
    ['kubectl-haptic_spire doctor --context p', ['prod']],
    ['kubectl-haptic_spire doctor --context=arn:aws:eks:eu', ['--context=arn:aws:eks:eu-1:cluster/a']],
    ['kubectl-haptic_spire doctor --context tw', ['two words']],
    ['kubectl-haptic_spire doctor --filename ren', ['rendered.yaml']],
    ['kubectl-haptic_spire doctor --token ', []],
  ])('completes "%s"', async (line, expected) => {
    expect((await offered(line)).toSorted()).toEqual(expected);
  });

  it('describes what it offers', async () => {
    const own = surroundings();
    writeFileSync(join(own.HOME ?? '', 'script.fish'), await script('fish'));
    const command = `source $HOME/script.fish; complete --do-complete 'kubectl-haptic_spire doctor --check svid-va'`;
    const { stdout } = await run('fish', ['-c', command], { env: own });
    expect(stdout).toMatch(/^svid-valid\t\S.*\n$/);
  });
});

describe.skipIf(noZsh !== '')(`the script for zsh, in a real zsh at a terminal${noZsh}`, () => {
  /** The words that arrive after somebody has typed the keys. */
  async function typed(keys: string): Promise<string> {
    const own = surroundings();
    const home = own.HOME ?? '';
    writeFileSync(join(home, 'script'), await script('zsh'));
    // Instead of running, the program shows the words that it was given.
    writeFileSync(
      join(home, '.zshrc'),
      `autoload -Uz compinit; compinit -u -D; source ${home}/script
unsetopt beep; zstyle ':completion:*' list-prompt ''; PS1=
kubectl-haptic_spire() {
  if [[ $1 == __complete ]]; then command kubectl-haptic_spire "$@"; else printf '<%s>' "$@" > ${home}/typed; exit; fi
}
`,
    );
    const ended = run('script', ['-qec', 'zsh -i', '/dev/null'], { env: { ...own, TERM: 'dumb' }, cwd: folder });
    ended.child.stdin?.write(`kubectl-haptic_spire ${keys}\n`);
    await ended;
    return readFileSync(join(home, 'typed'), 'utf8');
  }

  it('completes commands, flags, values after = and lists of checks', async () => {
    expect(await typed('doct\t--demo=wrong-s\t-o js\t--check svid-va\t,san\t --sho\t')).toBe(
      '<doctor><--demo=wrong-socket><-o><json><--check><svid-valid,san-contents><--show-ok>',
    );
  });

  it('completes names with colons and with spaces, and files', async () => {
    expect(await typed('doctor --context=arn\t--context tw\t-f rend\t--token rend\tX')).toBe(
      '<doctor><--context=arn:aws:eks:eu-1:cluster/a><--context><two words><-f><rendered.yaml><--token><rendX>',
    );
  });

  it('is found by compinit in a folder of $fpath', async () => {
    const own = surroundings();
    const home = own.HOME ?? '';
    writeFileSync(join(home, '_kubectl-haptic_spire'), await script('zsh'));
    const command = `fpath=(${home} $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[kubectl-haptic_spire]`;
    const { stdout } = await run('zsh', ['-fc', command], { env: own });
    expect(stdout).toBe('_kubectl-haptic_spire\n');
  });
});
