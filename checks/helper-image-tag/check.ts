import { defineCheck, type Finding, type Fix, type Unseen, unseenOf } from '../../src/doctor/check.ts';
import type { HelperConfigView, HelperView } from '../../src/evidence/facts/helpers.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { type Reading, type Unknown, unknown, valueOr } from '../../src/evidence/reading.ts';
import { commandFinding } from './command.ts';
import { classifyRefusal, type ImageState, imageStateOf } from './image-state.ts';
import { messages } from './messages.ts';
import { pullFix } from './pull-fixes.ts';
import { PROVEN_RELEASE, retag } from './retag.ts';
import { isUpstream, tagFaultOf } from './tag.ts';
import { tooOld } from './version.ts';

export default defineCheck({
  id: 'helper-image-tag',
  title: "spiffe-helper's image can be pulled and started",
  stage: 'helper',
  guide: 'ImagePullBackOff for spiffe-helper',
  after: [],
  messages,
  subject: 'haproxy-pod',
  needs: ['pod', 'helpers'],
  wants: ['helperConfigs', 'events'],
  applies: ({ helpers }) =>
    helpers.state === 'absent'
      ? { why: 'nothing-uses-it', detail: 'no container of the pod is a spiffe-helper' }
      : undefined,
  judge: ({ pod, helpers, helperConfigs, events }, { fromFiles }) => {
    if (pod.state !== 'known' || helpers.state !== 'known') return [];
    const configs = valueOr(helperConfigs, []);
    const states = helpers.value.map((helper) => ({
      helper,
      state: imageStateOf(pod.value, helper.container, valueOr(events, [])),
    }));
    const findings = states.flatMap(({ helper, state }) => [
      ...imageFindings(pod.value, helper.container, state),
      ...optional(commandFinding(pod.value, helper.container)),
      ...optional(
        tooOld(
          pod.value,
          helper,
          configs.find((config) => config.helper === helper.container.name),
          state,
        ),
      ),
    ]);
    const awaited = states
      .map(({ helper, state }) => ignorance(pod.value, helper, state))
      .find((reading) => reading !== undefined);
    return {
      findings,
      basis: states.every(({ state }) => state.is === 'pulled' || state.is === 'refused') ? 'observed' : 'declared',
      ...(awaited ? { cannotTell: awaited } : {}),
      unseen: [
        ...(pod.value.from === 'pod' ? unseenOf('events', events) : []),
        ...(fromFiles ? [] : configsUnseen(helpers.value, helperConfigs)),
      ],
    };
  },
});

/** Whether a release understands what it is given was not seen where only the other half of the question was. */
function configsUnseen(
  helpers: readonly HelperView[],
  configs: Reading<readonly HelperConfigView[]>,
): readonly Unseen[] {
  if (configs.state === 'unknown') return unseenOf('helper.conf', configs);
  return valueOr(configs, [])
    .filter(({ helper }) => helpers.some(({ container, version }) => version && container.name === helper))
    .flatMap(({ helper, parsed }) => unseenOf(`helper.conf of ${helper}`, parsed));
}

function imageFindings(pod: PodView, container: ContainerView, state: ImageState): readonly Finding[] {
  const fault = tagFaultOf(container.image);
  // What runs has proven its image; a tag that moves still brings another one some day.
  if (state.is === 'pulled' && fault?.is !== 'floating-tag') return [];
  const said = state.is === 'refused' ? state.said : '';
  const finding = (message: string, data: Finding['data'], fix: Fix, severity?: Finding['severity']): Finding => ({
    message,
    data: { container: container.name, image: container.image.text, tag: container.image.tag ?? 'none', said, ...data },
    culprit: pod.workload,
    ...(severity ? { severity } : {}),
    ...(state.is === 'pulled' ? { phase: 'latent' } : {}),
    evidence: [
      { from: fieldOrigin(pod, `${container.path}.image`), excerpt: container.image.text },
      ...(said === ''
        ? []
        : [{ from: { object: pod.ref, field: `status of container ${container.name}` }, excerpt: said }]),
    ],
    fix,
  });
  const findings: Finding[] = [];
  const refusal = state.is === 'refused' ? classifyRefusal(state.said) : undefined;
  const explained = refusal === 'image-not-found' || refusal === 'pull-failed';
  if (fault?.is === 'v-prefix') {
    // Somebody may have pushed v tags to a mirror: certain only for the project's registry, or when the pull failed for it.
    const certain = isUpstream(container.image) || explained;
    const data = { published: fault.published, said: said === '' ? '' : ` The kubelet says: ${said}` };
    if (certain || state.is !== 'refused')
      findings.push(finding('v-prefix', data, retag(pod, container, fault.published), certain ? 'fail' : 'warn'));
    if (refusal && !explained) findings.push(finding(refusal, {}, pullFix(pod, container, refusal, said)));
    return findings;
  }
  if (fault?.is === 'floating-tag' && !refusal)
    findings.push(finding('floating-tag', {}, retag(pod, container, PROVEN_RELEASE)));
  if (refusal) {
    // Other publishers number as they like: which of their tags exists is not known.
    const ours = refusal === 'image-not-found' && container.image.basename === 'spiffe-helper';
    findings.push(
      finding(refusal, {}, ours ? retag(pod, container, PROVEN_RELEASE) : pullFix(pod, container, refusal, said)),
    );
  }
  return findings;
}

function ignorance(pod: PodView, { container }: HelperView, state: ImageState): Unknown | undefined {
  if (state.is !== 'awaited') return undefined;
  if (pod.node === undefined)
    return unknown('not-scheduled', `the image of ${container.name} has not been asked for: the pod has no node yet`);
  return unknown(
    'not-running',
    `whether the image of ${container.name} can be pulled is not known yet (${state.reason})`,
  );
}

function optional<T>(value: T | undefined): readonly T[] {
  return value === undefined ? [] : [value];
}
