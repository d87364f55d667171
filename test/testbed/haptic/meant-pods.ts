import { dig, listAt, numberAt, textAt, textsAt } from '../../../src/evidence/json.ts';
import type { KubeObject, Store } from '../seams.ts';
import type { ListenPorts } from './render.ts';

const INSTANCE = 'app.kubernetes.io/instance';

/** The pods that a HAProxyTemplateConfig means: by its selector and, where that names none and both have one, its release. */
export function meantPods(config: KubeObject, store: Store): readonly KubeObject[] {
  const selected = textsAt(dig(config, 'spec', 'podSelector', 'matchLabels'));
  const wanted = Object.entries(selected);
  const release = selected[INSTANCE] ?? textsAt(dig(config, 'metadata', 'labels'))[INSTANCE];
  return store.list('Pod', textAt(dig(config, 'metadata', 'namespace'))).filter((pod) => {
    if (dig(pod, 'metadata', 'deletionTimestamp') !== undefined) return false;
    const labels = textsAt(dig(pod, 'metadata', 'labels'));
    const its = labels[INSTANCE];
    if (release !== undefined && its !== undefined && its !== release) return false;
    return wanted.every(([key, value]) => labels[key] === value);
  });
}

/** The ports that these pods name, else HAPTIC’s own. */
export function portsOf(pods: readonly KubeObject[]): ListenPorts {
  const ports = pods.flatMap((pod) =>
    listAt(dig(pod, 'spec', 'containers')).flatMap((each) => listAt(dig(each, 'ports'))),
  );
  const named = (name: string, otherwise: number) =>
    numberAt(
      dig(
        ports.find((port) => dig(port, 'name') === name),
        'containerPort',
      ),
    ) ?? otherwise;
  return { http: named('http', 8080), https: named('https', 8443), stats: named('stats', 8404) };
}
