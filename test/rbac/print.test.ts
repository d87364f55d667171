import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { isObject, type JsonObject } from '../../src/evidence/json.ts';
import { say } from '../cli/fake-host.ts';

async function printed(...words: readonly string[]): Promise<readonly JsonObject[]> {
  const { exitCode, stdout, stderr } = await say(['rbac', ...words]);
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  return parseAllDocuments(stdout)
    .map((document): unknown => document.toJS())
    .filter(isObject);
}

const places = (objects: readonly JsonObject[]) =>
  objects.map(({ kind, metadata }) => `${kind} ${isObject(metadata) ? (metadata.namespace ?? '') : ''}`.trim());

describe('what rbac prints', () => {
  it('holds for the whole cluster without -n', async () => {
    expect(places(await printed('--for', 'jane'))).toEqual(['ClusterRole', 'ClusterRoleBinding']);
  });

  it('is confined to the namespaces that are named', async () => {
    const words = ['-n', 'edge', '--spire-namespace', 'spire-a', '--spire-namespace', 'spire-b', '--for', 'jane'];
    expect(places(await printed(...words))).toEqual([
      'ClusterRole',
      'ClusterRoleBinding',
      'Role edge',
      'RoleBinding edge',
      'Role spire-a',
      'RoleBinding spire-a',
      'Role spire-b',
      'RoleBinding spire-b',
    ]);
  });

  it('binds nobody unless somebody is named', async () => {
    expect(places(await printed())).toEqual(['ClusterRole']);
    expect((await say(['rbac'])).stdout).toContain('# Bound to nobody; --for');
  });

  it.each([
    ['jane@example.com', { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'jane@example.com' }],
    ['oidc:jane', { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'oidc:jane' }],
    ['user:group:x', { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'group:x' }],
    ['GROUP:on call', { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'on call' }],
    ['serviceaccount:ci/doctor', { kind: 'ServiceAccount', namespace: 'ci', name: 'doctor' }],
    ['system:serviceaccount:ci:doctor', { kind: 'ServiceAccount', namespace: 'ci', name: 'doctor' }],
  ])('binds --for %s', async (subject, expected) => {
    const [, binding] = await printed('--for', subject);
    expect(binding?.subjects).toEqual([expected]);
    expect(binding?.roleRef).toEqual({
      apiGroup: 'rbac.authorization.k8s.io',
      kind: 'ClusterRole',
      name: 'haptic-spire-doctor',
    });
  });

  it('says that pods/exec can read private keys, unless it is left out', async () => {
    expect((await say(['rbac'])).stdout).toMatch(/^# .*pods\/exec.*private keys/m);
    const { stdout } = await say(['rbac', '--no-exec']);
    expect(stdout).not.toContain('pods/exec');
    expect(stdout).toContain('pods/log');
  });

  it('names both verbs of pods/exec', async () => {
    expect((await say(['rbac'])).stdout).toContain('- pods/exec\n  verbs:\n  - get\n  - create\n');
  });

  it('leaves the logs out with --no-logs, and everything of skipped checks with --skip', async () => {
    expect((await say(['rbac', '--no-logs'])).stdout).not.toContain('pods/log');
    expect((await say(['rbac'])).stdout).toContain('clusterspiffeids');
    expect((await say(['rbac', '--skip', 'svid-issued,svid-valid,san-contents,cert-loaded'])).stdout).not.toContain(
      'clusterspiffeids',
    );
  });

  it.each([
    ['--check nothing-like-it', 'there is no check "nothing-like-it"'],
    ['--spire-namespace x', '--spire-namespace confines what is beside HAPTIC: it needs -n'],
    ['--backend-namespace x', '--backend-namespace confines what is beside HAPTIC: it needs -n'],
    ['--for serviceaccount:doctor', 'Give serviceaccount:NAMESPACE/NAME.'],
    ['--for group:', 'Give a name.'],
    ['-o json', "unknown option '-o'"],
  ])('%s is one line and exit code 3', async (words, message) => {
    const { exitCode, stdout, stderr } = await say(['rbac', ...words.split(' ')]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).toMatch(/^error: [^\n]*\n$/);
  });
});
