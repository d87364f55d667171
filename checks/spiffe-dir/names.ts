import { posix } from 'node:path';
import type { Finding } from '../../src/doctor/check.ts';
import type { HelperDirectory, SpiffeDirectoryPlan } from '../../src/evidence/facts/spiffe-directory.ts';
import type { SvidFiles } from '../../src/evidence/facts/svid-files.ts';
import type { PodView } from '../../src/evidence/pod-view.ts';
import { type Layout, rename } from './layout-fixes.ts';

interface Difference {
  readonly wanted: string;
  readonly written: string;
  /** Which setting of helper.conf says so. */
  readonly key: string;
  readonly setting: string;
}

/** Files that HAProxy is configured for and that no helper writes. One helper that writes them all is enough. */
export function differingNames(
  pod: PodView,
  { helpers, expected }: SpiffeDirectoryPlan,
  files: SvidFiles | undefined,
  layouts: readonly Layout[],
): readonly Finding[] {
  if (!expected || helpers.some(({ config }) => config.state !== 'known')) return [];
  const judged = helpers.flatMap((plan) =>
    plan.inHaproxy === undefined ? [] : [{ plan, differences: differencesOf(plan, plan.inHaproxy, expected) }],
  );
  const [closest] = judged.toSorted((a, b) => a.differences.length - b.differences.length);
  if (!closest || closest.differences.length === 0) return [];
  const { plan, differences } = closest;
  // What is there was put there by somebody: a script that joins or copies the files.
  const missing = differences.filter(
    (difference) => !isThere(difference.wanted, files) && !isCopied(pod, difference, plan),
  );
  if (missing.length === 0) return [];
  const { config } = plan;
  const layout = layouts.find((candidate) => candidate.plan === plan);
  const object = config.state === 'known' ? config.from.object : undefined;
  return [
    {
      message: 'names-differ',
      data: {
        helper: plan.helper.name,
        wanted: missing.map(({ wanted }) => wanted),
        written: missing.map(({ written }) => written),
      },
      culprit: object ?? pod.workload,
      evidence: [
        { from: expected.from, excerpt: missing.map(({ wanted }) => wanted).join(', ') },
        ...(config.state === 'known'
          ? [{ from: config.from, excerpt: missing.map(({ key, written }) => `${key} → ${written}`).join(', ') }]
          : []),
      ],
      fix: {
        summary: `Let helper.conf say ${[...new Set(missing.map(({ key, setting }) => `${key} = ${JSON.stringify(setting)}`))].join(', ')}, then restart the pods; or change the names in the snippet.`,
        durable: 'helper.conf in the ConfigMap of the Helm values (extraDeploy)',
        impact: 'rollout',
        ...(layout
          ? rename(layout, Object.fromEntries(missing.map(({ key, setting }) => [key, setting])))
          : { manual: 'which of the two names is meant is for you to say' }),
      },
    },
  ];
}

function differencesOf(
  plan: HelperDirectory,
  inHaproxy: string,
  expected: { readonly directory: string; readonly svid: string; readonly key: string; readonly bundle: string },
): readonly Difference[] {
  const pairs = [
    { key: 'svid_file_name', wanted: expected.svid, written: plan.svid },
    { key: 'svid_key_file_name', wanted: expected.key, written: plan.key },
    { key: 'svid_bundle_file_name', wanted: expected.bundle, written: plan.bundle },
  ];
  return pairs.flatMap(({ key, wanted, written }) => {
    if (written === undefined) return [];
    const seen = posix.join(inHaproxy, posix.relative(plan.directory ?? '/', written));
    if (seen === wanted) return [];
    const moved = posix.dirname(seen) !== posix.dirname(wanted);
    return [
      {
        wanted,
        written: seen,
        key: moved ? 'cert_dir' : key,
        setting: moved ? posix.dirname(wanted) : posix.basename(wanted),
      },
    ];
  });
}

function isThere(path: string, files: SvidFiles | undefined): boolean {
  if (!files) return false;
  const { svid, key, bundle } = files;
  return [svid, key, bundle].some((file) => file.state === 'known' && file.value.stat.path === path);
}

/** A script that names both what the helper writes and what HAProxy reads may well make the one from the other. */
function isCopied(pod: PodView, { wanted, written }: Difference, plan: HelperDirectory): boolean {
  return pod.containers.some(({ role, command, args }) => {
    const text = [...command, ...args].join('\n');
    if (role === 'spiffe-helper' || !/\b(?:cat|cp|install|mv|ln|tee)\b/.test(text)) return false;
    if (mentions(text, wanted, written) && mentions(text, written, wanted)) return true;
    // A key that is appended to the certificate needs no file of its own.
    const joined = wanted.endsWith('.key') ? wanted.slice(0, -'.key'.length) : undefined;
    return (
      joined !== undefined &&
      plan.svid !== undefined &&
      mentions(text, joined, plan.svid) &&
      mentions(text, written, wanted)
    );
  });
}

/** Names alone are enough where they differ; the same name in another directory has to be spelled out. */
function mentions(text: string, path: string, other: string): boolean {
  const name = posix.basename(path) === posix.basename(other) ? path : posix.basename(path);
  for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
    if (!/[\w.-]/.test(text[at - 1] ?? ' ') && !/[\w.-]/.test(text[at + name.length] ?? ' ')) return true;
  }
  return false;
}
