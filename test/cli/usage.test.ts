import { describe, expect, it } from 'vitest';
import { say } from './fake-host.ts';

describe('a command line that cannot be meant', () => {
  it.each([
    ['doctr', "unknown command 'doctr' (Did you mean doctor?)"],
    [
      'completion tcsh',
      "'tcsh' is invalid for argument 'shell'. Allowed choices are bash, zsh, fish, powershell, kubectl.",
    ],
    ['rbac --for serviceaccount:x', 'Give serviceaccount:NAMESPACE/NAME.'],
    ['doctor --demoo', "unknown option '--demoo' (Did you mean --demo?)"],
    ['doctor --wait 5s', "unknown option '--wait'"],
    ['doctor --watch', "unknown option '--watch'"],
    ['doctor --ignore x', "unknown option '--ignore'"],
    ['doctor --checks ./x', "unknown option '--checks'"],
    ['doctor -o junit', "argument 'junit' is invalid. Allowed choices are text, wide, json, yaml."],
    ['doctor -o markdown', "argument 'markdown' is invalid"],
    ['doctor -o sarif', "argument 'sarif' is invalid"],
    ['doctor surplus', 'too many arguments'],
    ['doctor --demo --snapshot x', '--snapshot and --demo exclude each other'],
    ['doctor -f x --demo', '-f and --demo exclude each other'],
    ['doctor -f x --snapshot y', '-f and --snapshot exclude each other'],
    ['doctor -n a -A', '-n and -A exclude each other'],
    ['doctor --complete', '--complete says something about files: it needs -f'],
    ['doctor --recursive --demo', '--recursive says something about folders: it needs -f'],
    [
      'doctor --demo nowhere',
      'there is no demo "nowhere"; there are: rotation-stuck, wrong-socket, toml-section, healthy',
    ],
    ['doctor --timeout 0', 'Give a time above zero.'],
    ['doctor --timeout soon', 'Give a time such as 60s, 2m or 500ms.'],
    ['doctor --concurrency 0', 'Give a number between 1 and 256.'],
    ['doctor -v 11', 'Give a number between 0 and 10.'],
    ['doctor --fail-on info', "argument 'info' is invalid"],
    ['doctor --color perhaps', "argument 'perhaps' is invalid"],
    ['doctor --as-user-extra nonsense', 'Give key=value.'],
    ['doctor --demo --check cert-loadet', 'there is no check "cert-loadet" (did you mean cert-loaded?)'],
    ['doctor --demo --skip nothing-like-it', 'there is no check "nothing-like-it"; "checks" lists them'],
    ['doctor --demo --check cert-loaded --skip cert-loaded', '--check and --skip leave no check to judge'],
    ['doctor --demo --allow-unknown cert-loadet', 'there is no check "cert-loadet"'],
    ['doctor --demo --allow-unknown cert-loaded:forbiden', 'there is no reason "forbiden"'],
    ['doctor --demo --allow-unknown=', '--allow-unknown= names no check'],
    ['doctor --demo -l a=b,(c', 'Give a label selector such as'],
    ['doctor --demo -l ==', 'Give a label selector such as'],
    ['doctor --demo -l ,', 'Give a label selector such as'],
    ['doctor --pod=', 'It must not be empty.'],
    ['doctor --filename=', 'It must not be empty.'],
    ['collect --demo', "unknown option '--demo'"],
    ['collect --fail-on never', "unknown option '--fail-on'"],
    ['doctor --snapshot missing.json', 'cannot read missing.json: there is no such file'],
    ['explain cert-loaded/nothing', 'cert-loaded has no message "nothing"'],
    ['explain', "missing required argument 'check[/message]'"],
    ['version -o xml', "argument 'xml' is invalid. Allowed choices are text, json."],
    ['checks -o yaml', "argument 'yaml' is invalid. Allowed choices are text, wide, json."],
  ])('%s: one line, exit code 3, nothing on stdout', async (line, message) => {
    const { exitCode, stdout, stderr } = await say(line.split(' '));
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
  });

  it.each([
    '--kubeconfig x',
    '--context x',
    '--cluster x',
    '--user x',
    '--as x',
    '--as-group x',
    '--as-uid x',
    '--as-user-extra a=b',
    '--server x',
    '-s x',
    '--token x',
    '--certificate-authority x',
    '--client-certificate x',
    '--client-key x',
    '--insecure-skip-tls-verify',
    '--tls-server-name x',
    '--request-timeout 5s',
    '--timeout 5s',
    '--concurrency 2',
    '--no-exec',
    '--no-logs',
  ])('%s means nothing without a cluster', async (flags) => {
    for (const input of ['--demo', '-f=x', '--snapshot=x']) {
      const { exitCode, stderr } = await say(['doctor', input, ...flags.split(' ')]);
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(/is about a cluster; it cannot be used with/);
    }
  });

  it('never repeats what could fool the terminal', async () => {
    const { stderr } = await say(['doctor', '--demo', '--check', 'x\u001b[2J\u202ey']);
    expect(stderr).toContain('\\u001b[2J\\u202ey');
    expect(stderr).not.toMatch(/[\p{Cf}]|\p{Cc}(?!$)/u);
  });
});

describe('help', () => {
  it('is printed for the bare program and says how kubectl runs it', async () => {
    const { exitCode, stdout, stderr } = await say([]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(stdout).toContain('Usage: kubectl haptic-spire [options] [command]');
    expect(stdout).toContain('kubectl haptic-spire doctor --demo');
  });

  it('names the program as it was called when that is not a plug-in', async () => {
    expect((await say(['--help'], { invokedAs: 'haptic-spire' })).stdout).toContain('Usage: haptic-spire [options]');
  });

  it('lists examples and exit codes of doctor', async () => {
    const { stdout } = await say(['doctor', '--help']);
    expect(stdout).toContain('130  interrupted');
    expect(stdout).toContain('kubectl haptic-spire doctor -f rendered/ --complete');
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('  kubectl'))).toEqual([]);
  });
});

describe('--print-probe', () => {
  it('prints the script and runs nothing', async () => {
    const { exitCode, stdout } = await say(['doctor', '--print-probe', '--context', 'nowhere']);
    expect(exitCode).toBe(0);
    expect(stdout).toContain('socat');
    expect(stdout.endsWith('\n')).toBe(true);
  });
});

describe('--demo list', () => {
  it('lists the stories', async () => {
    const { exitCode, stdout } = await say(['doctor', '--demo', 'list']);
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.split(' ')[0])).toEqual([
      'rotation-stuck',
      'wrong-socket',
      'toml-section',
      'healthy',
      '',
    ]);
  });
});
