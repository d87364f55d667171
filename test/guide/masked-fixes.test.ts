import { describe, expect, it } from 'vitest';
import type { Change } from '../scenario/case-file.ts';
import { judgeInstallation } from './installation.ts';

function config(from: string, to: string): Change {
  return {
    object: 'ConfigMap haptic/haptic-spiffe-helper-config',
    replace: { at: 'data["helper.conf"]', from, to },
  };
}

async function fixOf(message: string, changes: readonly Change[]) {
  const report = await judgeInstallation(changes);
  const finding = report.results.flatMap(({ findings }) => findings).find((one) => one.message === message);
  if (!finding?.fix) throw new Error(`no fix for ${message}`);
  return finding.fix;
}

describe('a fix of a helper.conf that was kept without all of its values', () => {
  it('takes the value of a key to rename from the probes, not from filler', async () => {
    const fix = await fixOf('unknown-health-key', [config('bind_port = "8081"', 'bindPort2 = 8091')]);
    expect(JSON.stringify(fix)).not.toMatch(/[89]091/);
    expect(fix.commands[0]).toContain('bind_port = 8081\\n');
    expect(fix.edit).toMatchObject({ before: '  bindPort2 = …', after: '  bind_port = 8081' });
    expect(fix.manual).toBeUndefined();
  });

  it('names the key to rename where nothing else tells its value', async () => {
    const fix = await fixOf('unknown-key', [config('daemon_mode = true', 'daemon_mode = true\nrenewSignl = "SIGHUP"')]);
    expect(JSON.stringify(fix)).not.toMatch(/renew_signal\s*=/);
    expect(fix.commands).toEqual([]);
    expect(fix.edit).toMatchObject({ before: 'renewSignl', after: 'renew_signal' });
    expect(fix.manual).toMatch(/by hand/);
  });

  it('writes nothing back when another line lost its value', async () => {
    const fix = await fixOf('wrong-name', [
      config('spire-agent.sock', 'agent.sock'),
      config('daemon_mode = true', 'daemon_mode = true\ncmd = "/opt/hook"\ncmd_args = "--quiet"'),
    ]);
    expect(fix.commands).toEqual([]);
    expect(fix.manual).toMatch(/by hand/);
    expect(fix.edit?.after).toContain('/spiffe-workload-api/spire-agent.sock');
  });

  it('says that comments go when it has to leave them out', async () => {
    const fix = await fixOf('wrong-name', [
      config('spire-agent.sock', 'agent.sock'),
      config('daemon_mode = true', 'daemon_mode = true // für die Nacht'),
    ]);
    expect(fix.commands.join('\n')).toContain('spire-agent.sock');
    expect(fix.commands.join('\n')).not.toMatch(/\/\/|für|xx/);
    expect(fix.preconditions.join('\n')).toMatch(/comments/);
  });
});
