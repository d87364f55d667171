import type { Finding } from '../../src/doctor/check.ts';
import { fieldOrigin } from '../../src/evidence/pod-origin.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import { changeTemplate, containerPatch } from '../../src/evidence/workload-change.ts';
import { isUpstream } from './tag.ts';

const SHELL = /(?:^|\/)(?:ba|da|a|z)?sh$|(?:^|\/)busybox$/;
/** How runtimes say that the program is not in the image. */
const NO_PROGRAM = /exec: "[^"]*"|executable file not found|no such file or directory/;

/** A command that the image cannot run; proven by the kubelet's words, or plain from the spec where the image is the project's own. */
export function commandFinding(pod: PodView, container: ContainerView): Finding | undefined {
  const [program] = container.command;
  if (program === undefined || /^(?:\.?\/)spiffe-helper$/.test(program)) return undefined;
  const state = container.status?.state;
  if (state?.now === 'running') return undefined;
  const said = [state, container.status?.last].flatMap((item) =>
    item && 'message' in item && NO_PROGRAM.test(item.message) ? [item.message] : [],
  )[0];
  // Other publishers' images may well have a shell, or the program elsewhere.
  const certain = said !== undefined || isUpstream(container.image);
  if (!certain && container.image.basename !== 'spiffe-helper') return undefined;
  if (said === undefined && state?.now === 'terminated') return undefined;
  const wrapped = SHELL.test(program);
  return {
    message: wrapped ? 'shell-wrapper' : 'wrong-command',
    data: {
      container: container.name,
      command: program,
      image: container.image.text,
      said: said ? ` The kubelet says: ${said}` : '',
    },
    culprit: pod.workload,
    severity: certain ? 'fail' : 'warn',
    evidence: [{ from: fieldOrigin(pod, `${container.path}.command`), excerpt: JSON.stringify(container.command) }],
    fix: {
      summary: wrapped
        ? `Leave out the command of ${container.name} and give spiffe-helper's own flags as args: ["-config", "/etc/spiffe-helper/helper.conf"].`
        : `Leave out the command of ${container.name}: the image starts /spiffe-helper by itself.`,
      ...(pod.from === 'template' && pod.source
        ? { edit: editOf(pod, container) }
        : {
            commands: changeTemplate(
              pod,
              containerPatch(
                container,
                wrapped
                  ? { command: ['/spiffe-helper'], args: configArgs(container) }
                  : { command: ['/spiffe-helper', ...container.command.slice(1)] },
              ),
            ),
          }),
      durable: 'the container in haproxy.sidecars of the Helm values',
      impact: 'rollout',
    },
  };
}

function editOf(pod: PodView, container: ContainerView) {
  const { file = '', line } = fieldOrigin(pod, `${container.path}.command`);
  return {
    file,
    ...(line === undefined ? {} : { line }),
    before: JSON.stringify(container.command),
    after: '["/spiffe-helper"]',
  };
}

/** The flags that the shell text hands to spiffe-helper, as far as it names a configuration. */
function configArgs(container: ContainerView): string[] {
  const path =
    /-config[= ]+["']?([^\s"';&|]+)/.exec(container.args.join(' '))?.[1] ??
    /-config[= ]+["']?([^\s"';&|]+)/.exec(container.command.join(' '))?.[1];
  return ['-config', path ?? '/etc/spiffe-helper/helper.conf'];
}
