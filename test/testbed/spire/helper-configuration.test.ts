import { chmodSync, mkdirSync, statSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { EditableObject } from '../../scenario/field-edit.ts';
import {
  asDoctor,
  DIRECTORY,
  exitCode,
  fixture,
  helperInDirectory,
  helperWith,
  read,
  started,
} from './helper-under-test.ts';

afterEach(() => fixture.close());

describe('a spiffe-helper that cannot write', () => {
  it('names the file that its directory lacks', async () => {
    const helper = await helperWith({});
    expect(helper.lines.at(-1)).toContain(
      'msg="Unable to dump bundle" error="open /etc/haproxy/spiffe/svid.pem: no such file or directory"',
    );
  });

  it('is denied a directory of another user', async () => {
    const first = await helperWith({});
    mkdirSync(first.onHost(DIRECTORY), { recursive: true });
    chmodSync(first.onHost(DIRECTORY), 0o555);
    const helper = await started();
    expect(asDoctor(helper).lastError?.text).toContain('open /etc/haproxy/spiffe/svid.pem: permission denied');
  });

  it('writes into the root directory without a cert_dir, and may not', async () => {
    const helper = await helperInDirectory({ conf: (text) => text.replace(/cert_dir.*\n/, '') });
    expect(helper.lines.at(-1)).toContain('error="open svid.pem: permission denied"');
  });

  it('locks itself out with a decimal mode at the second write', async () => {
    const helper = await helperInDirectory({ conf: (text) => `${text}key_file_mode = 600\n` });
    expect(statSync(helper.onHost(`${DIRECTORY}/svid.pem.key`)).mode & 0o777).toBe(0o110);
    await fixture.spire.rotate();
    expect(helper.lines.at(-1)).toContain('error="open /etc/haproxy/spiffe/svid.pem.key: permission denied"');
  });
});

describe('a spiffe-helper that refuses its configuration', () => {
  it.each([
    [
      '0.11.0',
      '[health_checks]\n',
      'failed to parse configuration',
      'failed to parse \\"/etc/spiffe-helper/helper.conf\\": At 1:1: expected: IDENT | STRING | ASSIGN | LBRACE got: LBRACK',
    ],
    ['0.11.0', 'add_intermediates = true\n', 'invalid configuration', 'unknown top level key(s): add_intermediates'],
    ['0.10.1', 'omit_expired = true\n', 'invalid configuration', 'unknown top level key(s): omit_expired'],
    ['0.9.1', '[health_checks]\n', 'Error starting spiffe-helper', 'failed to parse'],
    [
      '0.11.0',
      'pid_file_name = "/run/x.pid"\n',
      'invalid configuration',
      'must specify renew_signal when using pid_file_name',
    ],
    [
      '0.10.0',
      'pid_file_name = "/run/x.pid"\n',
      'invalid configuration',
      'Must specify renew_signal when using pid_file_name',
    ],
    ['0.11.0', 'key_file_mode = -1\n', 'invalid configuration', 'key file mode must be positive'],
  ])('%s ends over %j', async (version, line, message, error) => {
    const helper = await helperWith({ image: `ghcr.io/spiffe/spiffe-helper:${version}`, conf: (text) => line + text });
    expect(await exitCode(helper)).toBe(1);
    expect(helper.lines.at(-1)).toContain(`level=error msg="${message}" error="`);
    expect(helper.lines.at(-1)).toContain(error);
  });

  it('names the sets of file names when there are none', async () => {
    const helper = await helperWith({ conf: () => 'cert_dir = "/etc/haproxy/spiffe"\n' });
    expect(helper.lines.at(-1)).toContain(`error="at least one of the sets ('svid_file_name', 'svid_key_file_name'`);
    expect(await exitCode(helper)).toBe(1);
  });

  it('cannot open a file that no ConfigMap brings', async () => {
    const helper = await helperWith({
      objects: (all) => {
        for (const object of all.filter(({ data }) => data !== undefined && data !== null)) {
          const data = object.data as EditableObject;
          if (data['helper.conf']) object.data = { 'other.conf': data['helper.conf'] };
        }
      },
    });
    expect(helper.lines.at(-1)).toContain(
      'error="failed to parse \\"/etc/spiffe-helper/helper.conf\\": open /etc/spiffe-helper/helper.conf: no such file or directory"',
    );
  });

  it('does not notice a change of its file', async () => {
    const helper = await helperInDirectory({});
    const found = fixture.store.get({ kind: 'ConfigMap', namespace: 'haptic', name: 'haptic-spiffe-helper-config' });
    if (found) fixture.store.update({ ...found, data: { 'helper.conf': '[broken]' } }, { manager: 'test' });
    await fixture.spire.rotate();
    expect(helper.lines.at(-1)).toContain('X.509 certificates updated');
  });
});

describe('a spiffe-helper in another mode', () => {
  it('asks for no X.509 identity when it has only JWTs to write', async () => {
    const helper = await helperInDirectory({
      conf: (text) => `${text.replaceAll(/svid.*file_name.*\n/g, '')}jwt_bundle_file_name = "jwt.json"\n`,
    });
    expect(helper.lines.at(-1)).toContain('msg="Starting health server"');
    expect(await exitCode(helper)).toBe('runs');
  });

  it('ends with 0 after the first write without daemon mode', async () => {
    const helper = await helperInDirectory({
      conf: (text) => text.replace('daemon_mode = true', 'daemon_mode = false'),
    });
    expect(await exitCode(helper)).toBe(0);
    expect(helper.lines.some((line) => line.includes('msg="Daemon mode disabled"'))).toBe(true);
    expect(read(helper, 'svid.pem')).toContain('BEGIN CERTIFICATE');
  });

  it('0.8 ignores health_checks: nobody listens', async () => {
    const helper = await helperInDirectory({ image: 'ghcr.io/spiffe/spiffe-helper:0.8.0' });
    expect(asDoctor(helper).lastUpdate).toBeDefined();
    expect(await helper.program.probe?.(8081, '/live')).toBe('refused');
  });

  it('complains about a program and a PID file of older guides after each update', async () => {
    const helper = await helperInDirectory({
      conf: (text) =>
        `${text}cmd = "/bin/reload"\npid_file_name = "/etc/haproxy/haproxy.pid"\nrenew_signal = "SIGUSR2"\n`,
    });
    expect(helper.lines.at(-2)).toContain(
      'error="error executing process \\"/bin/reload\\": fork/exec /bin/reload: no such file or directory"',
    );
    expect(helper.lines.at(-1)).toContain(
      'msg="Unable to signal PID file" error="failed to read pid file \\"/etc/haproxy/haproxy.pid\\": open /etc/haproxy/haproxy.pid: no such file or directory"',
    );
  });

  it('goes on when its port is taken', async () => {
    const first = await helperInDirectory({});
    const second = await started();
    expect(
      second.lines.some((line) =>
        line.includes(
          'level=warning msg="Error serving health checks" error="listen tcp :8081: bind: address already in use"',
        ),
      ),
    ).toBe(true);
    expect(asDoctor(second).lastUpdate).toBeDefined();
    await first.program.stop();
  });
});
