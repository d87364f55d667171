import { installationOf } from '../discovery.ts';
import type { UnseenSource, Validation, ValidationError } from '../facts/controller.ts';
import { podOf } from '../facts/pod.ts';
import { dig, listAt, numberAt, objectAt, textAt } from '../json.ts';
import { known, type Reading, unknown } from '../reading.ts';
import type { CollectedObject } from '../snapshot.ts';
import type { Subject } from '../subject.ts';
import { nameOf, originOf, type World } from '../world.ts';
import { verdictsOfLog } from './validation-log.ts';

/** One statement about a validation. */
export type Verdict = { readonly ok: true; readonly at: number } | ({ readonly ok: false } & ValidationError);

const MAX_ERRORS = 20;
/** A success without a time takes nothing back. */
const LONG_AGO = 1;

/** What is currently said about the release's configuration: a later success takes back earlier errors. */
export function readValidation(world: World, subject: Subject): Reading<Validation> {
  if (world.fromFiles) return unknown('needs-live', 'files cannot show what the controller made of them');
  const installation = installationOf(world, subject);
  if (installation.state !== 'known')
    return unknown('no-evidence', 'the controller belongs to no HAPTIC release that was seen');
  const { namespace, templateConfig } = installation.value;
  const unseen: UnseenSource[] = [];
  const verdicts: Verdict[] = [];
  const configs = world.list('HAProxyTemplateConfig', namespace);
  if (configs.rest) unseen.push({ what: 'HAProxyTemplateConfigs', because: configs.rest });
  for (const config of configs.items) {
    if (!templateConfig || nameOf(config.object) === templateConfig.name)
      verdicts.push(...verdictOfTemplateConfig(config));
  }
  const published = world.list('HAProxyCfg', namespace);
  if (published.rest) unseen.push({ what: 'HAProxyCfgs', because: published.rest });
  for (const config of published.items) {
    if (!templateConfig || nameOf(config.object).startsWith(`${templateConfig.name}-`))
      verdicts.push(...verdictOfPublished(config));
  }
  const pod = podOf(world, subject);
  const container = pod.state === 'known' ? pod.value.containers.find(({ role }) => role === 'controller') : undefined;
  if (subject.ref.kind === 'Pod' && container) {
    const log = world.log(subject.ref.namespace ?? '', subject.ref.name, container.name);
    if (log.state === 'known') verdicts.push(...verdictsOfLog(log.value.text, log.from));
    else if (log.state === 'unknown') unseen.push({ what: 'the log of the controller', because: log });
  }
  const seen = verdicts.length > 0 || unseen.length === 0;
  const [first] = unseen;
  if (!seen && first) return first.because;
  return known({ ...conclude(verdicts), seen, unseen }, installation.from);
}

function conclude(verdicts: readonly Verdict[]): Omit<Validation, 'seen' | 'unseen'> {
  const successes = verdicts.flatMap((verdict) => (verdict.ok ? [verdict.at] : []));
  const validAt = successes.reduce((newest, at) => Math.max(newest, at), 0);
  const errors = verdicts
    .flatMap((verdict) =>
      verdict.ok
        ? []
        : [{ text: verdict.text, from: verdict.from, ...(verdict.at === undefined ? {} : { at: verdict.at }) }],
    )
    // An error without a time is a status, which the controller rewrites: as it stands it is current.
    .filter(({ at }) => at === undefined || at > validAt)
    .toSorted((a, b) => (b.at ?? Number.MAX_SAFE_INTEGER) - (a.at ?? Number.MAX_SAFE_INTEGER))
    .slice(0, MAX_ERRORS);
  const state = errors.length > 0 ? 'invalid' : validAt > 0 ? 'valid' : 'unknown';
  return { state, errors, ...(validAt > 0 ? { validAt } : {}) };
}

function verdictOfTemplateConfig(config: CollectedObject): readonly Verdict[] {
  const status = objectAt(config.object.status);
  const observed = numberAt(status.observedGeneration);
  const generation = numberAt(dig(config.object, 'metadata', 'generation'));
  // What was said of an earlier specification says nothing of this one.
  if (observed !== undefined && generation !== undefined && observed < generation) return [];
  const condition = listAt(status.conditions)
    .map(objectAt)
    .find(({ type }) => type === 'Validated');
  const at = timeOf(textAt(condition?.lastTransitionTime) ?? textAt(status.lastValidated));
  const isValid = status.validationStatus === 'Valid' || condition?.status === 'True';
  if (isValid) return [{ ok: true, at: at ?? LONG_AGO }];
  if (status.validationStatus !== 'Invalid' && condition?.status !== 'False') return [];
  const errors = listAt(status.validationErrors).flatMap(
    (error) => textAt(error) ?? textAt(dig(error, 'message')) ?? [],
  );
  const message = textAt(status.validationMessage) ?? textAt(condition?.message);
  const texts = errors.length > 0 ? errors : [message ?? 'validation failed, without saying why'];
  return texts.map((text) => ({
    ok: false,
    text,
    ...(at === undefined ? {} : { at }),
    from: originOf(config, 'status'),
  }));
}

/** HAPTIC publishes what it validated, and what failed under the same name with `-invalid`. */
function verdictOfPublished(config: CollectedObject): readonly Verdict[] {
  const text = textAt(dig(config.object, 'status', 'validationError'));
  const at = validatedAt(config);
  if (text) {
    const failedAt = at ?? changedAt(config);
    return [
      {
        ok: false,
        text,
        ...(failedAt === undefined ? {} : { at: failedAt }),
        from: originOf(config, 'status.validationError'),
      },
    ];
  }
  return nameOf(config.object).endsWith('-invalid') ? [] : [{ ok: true, at: at ?? LONG_AGO }];
}

function validatedAt({ object }: CollectedObject): number | undefined {
  for (const part of ['status', 'spec']) {
    const at = timeOf(
      textAt(dig(object, part, 'metadata', 'validatedAt')) ?? textAt(dig(object, part, 'metadata', 'renderedAt')),
    );
    if (at !== undefined) return at;
  }
  return undefined;
}

function changedAt({ object }: CollectedObject): number | undefined {
  const times = listAt(dig(object, 'metadata', 'managedFields')).flatMap(
    (entry) => timeOf(textAt(dig(entry, 'time'))) ?? [],
  );
  return times.length > 0
    ? times.reduce((a, b) => Math.max(a, b))
    : timeOf(textAt(dig(object, 'metadata', 'creationTimestamp')));
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}
