import { selectedChecks } from './choose-checks.ts';
import { type Host, UsageError } from './host.ts';
import { type Grants, grantsFor, type Rule } from './rbac-grants.ts';
import type { BoundSubject } from './rbac-subject.ts';
import { whatToGather } from './what-to-gather.ts';

export interface RbacOptions {
  readonly namespace?: string;
  readonly spireNamespace?: readonly string[];
  readonly backendNamespace?: readonly string[];
  readonly check?: readonly string[];
  readonly skip?: readonly string[];
  /** False with --no-exec. */
  readonly exec: boolean;
  /** False with --no-logs. */
  readonly logs: boolean;
  readonly for?: readonly BoundSubject[];
}

const NAME = 'haptic-spire-doctor';
const API = { apiVersion: 'rbac.authorization.k8s.io/v1' } as const;

/** Prints the least roles with which the selected checks see everything that they ask for, and their bindings. */
export async function rbac(options: RbacOptions, host: Host): Promise<number> {
  const { namespace, spireNamespace, backendNamespace } = options;
  if (namespace === undefined && (spireNamespace ?? backendNamespace) !== undefined) {
    const flag = spireNamespace === undefined ? '--backend-namespace' : '--spire-namespace';
    throw new UsageError(`${flag} confines what is beside HAPTIC: it needs -n, which confines HAPTIC`);
  }
  const [{ checks }, { factReaders }, { permissionsFor }, { renderYamlValue }] = await Promise.all([
    import('../../checks/index.ts'),
    import('../evidence/facts/index.ts'),
    import('../sources/live/rules.ts'),
    import('../report/yaml.ts'),
  ]);
  const items = whatToGather(checks, selectedChecks(checks, options), factReaders);
  const grants = grantsFor(permissionsFor(items, options), {
    ...(namespace === undefined ? {} : { haptic: namespace }),
    ...(spireNamespace === undefined ? {} : { spire: spireNamespace }),
    ...(backendNamespace === undefined ? {} : { backends: backendNamespace }),
  });
  const documents = objectsFor(grants, options.for ?? []).map(renderYamlValue);
  await host.stdout.write(`${remarks(grants, options)}${documents.join('---\n')}`);
  return 0;
}

function objectsFor({ everywhere, within }: Grants, subjects: readonly BoundSubject[]): readonly object[] {
  return [
    ...roleAndBinding('ClusterRole', { name: NAME }, everywhere, subjects),
    ...within.flatMap(({ namespace, rules }) => roleAndBinding('Role', { name: NAME, namespace }, rules, subjects)),
  ];
}

function roleAndBinding(
  kind: 'Role' | 'ClusterRole',
  metadata: object,
  rules: readonly Rule[],
  subjects: readonly BoundSubject[],
): readonly object[] {
  const role = { ...API, kind, metadata, rules };
  if (subjects.length === 0) return [role];
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind, name: NAME };
  return [role, { ...API, kind: `${kind}Binding`, metadata, subjects, roleRef }];
}

/** What whoever grants this should know; comments on top of the documents. */
function remarks({ everywhere, within }: Grants, options: RbacOptions): string {
  const rules = [...everywhere, ...within.flatMap((entry) => entry.rules)];
  const lines = ['Everything that the doctor asks for with these checks and flags, and nothing else.'];
  if (rules.some(({ resources }) => resources.includes('pods/exec')))
    lines.push(
      'Whoever may use pods/exec on HAProxy pods can read their private keys; --no-exec does without it.',
      'Kubernetes before 1.35 asks for "get" on it only, later ones for "create" too.',
    );
  const wide = everywhere.some(({ resources }) => resources.includes('configmaps') || resources.includes('pods'));
  if (options.namespace === undefined)
    lines.push('Holds for HAPTIC in any namespace; -n confines it to one, as it does for doctor.');
  else if (wide)
    lines.push("--spire-namespace and --backend-namespace confine what is asked for outside HAPTIC's namespace.");
  if (options.for === undefined)
    lines.push('Bound to nobody; --for user:NAME, group:NAME or serviceaccount:NAMESPACE/NAME adds bindings.');
  return lines.map((line) => `# ${line}\n`).join('');
}
