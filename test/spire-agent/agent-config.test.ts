import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseAgentConfig, parseDuration } from '../../src/evidence/spire/agent-config.ts';

describe('parseAgentConfig', () => {
  it('reads JSON, with one block or a list of them', () => {
    expect(parseAgentConfig('{"agent":{"socket_path":"/run/a.sock","trust_domain":"a.example"}}')).toEqual({
      socketPath: '/run/a.sock',
      trustDomain: 'a.example',
    });
    expect(parseAgentConfig('{"agent":[{"socket_path":"/run/b.sock"}]}')).toEqual({ socketPath: '/run/b.sock' });
  });

  it('reads HCL', () => {
    const text =
      'agent {\n  trust_domain = "b.example"\n  socket_path = "/run/c.sock" # here\n  availability_target = "24h"\n}\nplugins {\n}\n';
    expect(parseAgentConfig(text)).toEqual({
      socketPath: '/run/c.sock',
      trustDomain: 'b.example',
      availabilityTarget: '24h',
    });
  });

  it('does not take something else for a configuration', () => {
    expect(parseAgentConfig('server {\n socket_path = "/x"\n}')).toBeUndefined();
    expect(parseAgentConfig('{"agent":')).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (text) => parseAgentConfig(text) === undefined || true));
  });
});

describe('parseDuration', () => {
  it.each([
    ['24h', 86_400_000],
    ['1h30m', 5_400_000],
    ['1.5s', 1500],
    ['200ms', 200],
  ])('reads %s', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '24', 'h', '1d', '-1h', '1h '])('refuses %j', (text) => {
    expect(parseDuration(text)).toBeUndefined();
  });
});
