import { execFile } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { env, execPath, platform } from 'node:process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { say } from '../cli/fake-host.ts';
import { PROGRAM } from '../cli/process.ts';
import { kubectl, noKubectl, whyNoKubectl } from '../cli/real-kubectl.ts';
import { temporaryFolder } from '../scenario/temporary-folder.ts';

const run = promisify(execFile);
const folder = temporaryFolder('completion-scripts-');
const kubeconfig = join(folder, 'config');
const contexts = ['prod', 'arn:aws:eks:eu-1:cluster/a', 'arn:aws:eks:eu-1:cluster/b', 'two words'];
writeFileSync(
  kubeconfig,
  JSON.stringify({ contexts: contexts.map((name) => ({ name, context: { cluster: 'c', user: 'u' } })) }),
);
// The program and the Node that runs the tests come first.
const path = [dirname(PROGRAM), dirname(execPath), env.PATH].join(delimiter);
const surroundings = { PATH: path, KUBECONFIG: kubeconfig, HOME: folder, LANG: 'C.UTF-8' };

async function script(shell: string): Promise<string> {
  const { exitCode, stdout } = await say(['completion', shell]);
  expect(exitCode).toBe(0);
  return stdout;
}

describe('the script for bash, in a real bash', () => {
  /** Drives the completion as readline does, with words parted where bash parts them. */
  async function complete(words: readonly string[], line: string): Promise<string[]> {
    writeFileSync(join(folder, 'bash'), await script('bash'));
    const driver = `
      source "$1"; COMP_LINE=$2; COMP_POINT=\${#2}; COMP_WORDS=("\${@:3}"); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _haptic_spire; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const { stdout, stderr } = await run(
      'bash',
      ['--norc', '--noprofile', '-c', driver, 'bash', join(folder, 'bash'), line, ...words],
      { env: surroundings, cwd: folder },
    );
    expect(stderr.replace(/.*compopt: not currently executing completion function\n/g, '')).toBe('');
    return stdout.split('\n').filter((word) => word !== '');
  }

  it('registers for the program', async () => {
    writeFileSync(join(folder, 'bash'), await script('bash'));
    const { stdout } = await run('bash', ['--norc', '-c', 'source "$1"; complete -p', 'bash', join(folder, 'bash')]);
    expect(stdout).toBe('complete -o default -F _haptic_spire kubectl-haptic_spire\n');
  });

  it.each<[string, readonly string[], readonly string[]]>([
    ['kubectl-haptic_spire ver', ['ver'], ['version']],
    ['kubectl-haptic_spire doctor --fail-on ', ['doctor', '--fail-on', ''], ['fail', 'warn', 'never']],
    ['kubectl-haptic_spire doctor --output=j', ['doctor', '--output', '=', 'j'], ['json']],
    ['kubectl-haptic_spire doctor --output=', ['doctor', '--output', '='], ['text', 'wide', 'json', 'yaml']],
    [
      'kubectl-haptic_spire  explain   cert-loaded/miss',
      ['explain', 'cert-loaded/miss'],
      ['cert-loaded/missed-rotation'],
    ],
    [
      'kubectl-haptic_spire doctor --check svid-valid,svid-',
      ['doctor', '--check', 'svid-valid,svid-'],
      ['svid-valid,svid-issued'],
    ],
    ['kubectl-haptic_spire doctor --context p', ['doctor', '--context', 'p'], ['prod']],
    [
      'kubectl-haptic_spire doctor --context=arn:aws:eks:eu',
      ['doctor', '--context', '=', 'arn', ':', 'aws', ':', 'eks', ':', 'eu'],
      ['eu-1:cluster/a', 'eu-1:cluster/b'],
    ],
    ['kubectl-haptic_spire doctor --context tw', ['doctor', '--context', 'tw'], ['two\\ words']],
    ['kubectl-haptic_spire doctor --filename ', ['doctor', '--filename', ''], []],
    ['kubectl-haptic_spire explain $(touch', ['explain', '$(touch'], []],
  ])('completes "%s"', async (line, words, expected) => {
    expect(await complete(['kubectl-haptic_spire', ...words], line)).toEqual(expected);
  });

  const noTerminal = platform !== 'linux';
  it.skipIf(noTerminal)(
    `completes what somebody types at a terminal${noTerminal ? ' (skipped: script(1) of Linux makes the terminal)' : ''}`,
    async () => {
      writeFileSync(join(folder, 'bash'), await script('bash'));
      writeFileSync(join(folder, 'rendered.yaml'), '');
      // Instead of running, the program shows the words that it was given.
      const show = `kubectl-haptic_spire() {
      if [ "$1" = __complete ]; then command kubectl-haptic_spire "$@"; else printf '<%s>' "$@" > typed; fi
    }`;
      writeFileSync(join(folder, 'rc'), `PS1=; source ${join(folder, 'bash')}\n${show}\n`);
      const shell = `bash --rcfile ${join(folder, 'rc')} --noprofile -i`;
      const ended = run('script', ['-qec', shell, '/dev/null'], {
        env: { ...surroundings, TERM: 'dumb' },
        cwd: folder,
      });
      const keys =
        'doctor --demo=wrong-s\t-o js\t--check svid-v\t,san\t --context=tw\t-f rend\t--token rend\tX --sho\t';
      ended.child.stdin?.write(`kubectl-haptic_spire ${keys}\nexit\n`);
      await ended;
      expect(readFileSync(join(folder, 'typed'), 'utf8')).toBe(
        '<doctor><--demo=wrong-socket><-o><json><--check><svid-valid,san-contents><--context=two words><-f><rendered.yaml><--token><rendX><--show-ok>',
      );
    },
  );
});

describe('the scripts for other shells', () => {
  it.each([
    ['zsh', /^#compdef kubectl-haptic_spire\n/],
    ['fish', /^complete -c kubectl-haptic_spire /m],
    ['powershell', /^Register-ArgumentCompleter -Native -CommandName 'kubectl-haptic_spire'/m],
    ['kubectl', /^#!\/bin\/sh\n/],
  ])('%s asks the program', async (shell, registers) => {
    const text = await script(shell);
    expect(text).toMatch(registers);
    expect(text).toMatch(/kubectl-haptic_spire'? __complete /);
    expect(text).not.toMatch(/undefined|\$\{'/);
  });

  it('is the one of $SHELL when none is named', async () => {
    const { stdout } = await say(['completion'], { env: { SHELL: '/usr/bin/fish' } });
    expect(stdout).toBe(await script('fish'));
    expect(await say(['completion'], { env: { SHELL: '/bin/csh' } })).toMatchObject({
      exitCode: 3,
      stdout: '',
      stderr: 'error: name a shell: bash, zsh, fish, powershell, kubectl\n',
    });
  });

  it('is made for the name by which the program was called', async () => {
    const { stdout } = await say(['completion', 'bash'], { invokedAs: 'haptic-doctor' });
    expect(stdout).toContain('complete -o default -F _haptic_spire haptic-doctor\n');
    const odd = await say(['completion', 'bash'], { invokedAs: 'x; rm -rf ~' });
    expect(odd.stdout).toContain('-F _haptic_spire kubectl-haptic_spire\n');
  });
});

describe.skipIf(noKubectl)(`the shim, through a real kubectl${whyNoKubectl}`, () => {
  async function complete(...words: readonly string[]): Promise<string[]> {
    const shim = join(folder, 'kubectl_complete-haptic_spire');
    writeFileSync(shim, await script('kubectl'));
    chmodSync(shim, 0o755);
    const withShim = { ...surroundings, PATH: `${folder}${delimiter}${path}` };
    const { stdout } = await run(kubectl, ['__completeNoDesc', 'haptic-spire', ...words], { env: withShim });
    return stdout.split('\n').filter((line) => line !== '');
  }

  it.each<[readonly string[], readonly string[]]>([
    [['ver'], ['version', ':4']],
    [
      ['doctor', '-o', ''],
      ['text', 'wide', 'json', 'yaml', ':4'],
    ],
    [
      ['doctor', '--output=y'],
      ['yaml', ':4'],
    ],
    [
      ['doctor', '--check', 'svid-i'],
      ['svid-issued', ':6'],
    ],
    [
      ['doctor', '--context', ''],
      [...contexts, ':4'],
    ],
    [
      ['doctor', '--print'],
      ['--print-probe', ':4'],
    ],
    [['doctor', '-f', ''], [':0']],
  ])('completes %j', async (words, expected) => {
    expect(await complete(...words)).toEqual(expected);
  });
});
