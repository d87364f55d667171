import { isObject, type Json, listAt, numberAt, objectAt, textAt } from '../json.ts';
import { maskSecrets } from './key-material.ts';
import { metadata } from './metadata.ts';
import { fields, type Keep, list, map, type Place, presence, scalar, text, texts } from './shape.ts';

const ENDPOINT_VARIABLES = ['SPIFFE_ENDPOINT_SOCKET', 'SPIRE_AGENT_ADDRESS'];

/** Names of variables; of a value only how it reads as a socket, and the probes that Istio moved. */
const variable: Keep = (value, place) => {
  const { name: rawName, value: rawValue } = objectAt(value);
  const name = textAt(rawName);
  if (name === undefined) return {};
  const content = textAt(rawValue);
  const masked = text(name, place.at('name')) ?? '';
  if (content === undefined) return { name: masked };
  if (ENDPOINT_VARIABLES.includes(name)) return { name: masked, endpoint: endpointOf(content, place) };
  const probers = name === 'ISTIO_KUBE_APP_PROBERS' ? probersOf(content) : undefined;
  if (probers) return { name: masked, probers };
  place.at('value').note('credential');
  return { name: masked };
};

function endpointOf(content: string, place: Place): Json {
  const [, scheme, rest] = /^(unix|tcp):(?:\/\/)?(.*)$/is.exec(content) ?? [];
  const path: Json = text((rest ?? content).slice(0, 512), place.at('value')) ?? '';
  return { scheme: scheme?.toLowerCase() ?? 'none', path };
}

function probersOf(content: string): Json | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(content);
  } catch {
    return undefined;
  }
  if (!isObject(parsed)) return undefined;
  const probers: [string, Json][] = [];
  for (const [key, prober] of Object.entries(parsed).slice(0, 100)) {
    const { path, port } = objectAt(objectAt(prober).httpGet);
    const number = numberAt(port) ?? textAt(port)?.slice(0, 64);
    if (!key.startsWith('/app-health/') || number === undefined) continue;
    const name = maskSecrets(key.slice(0, 256)).text;
    const target = typeof number === 'string' ? maskSecrets(number).text : number;
    probers.push([name, { path: maskSecrets((textAt(path) ?? '/').slice(0, 512)).text, port: target }]);
  }
  return Object.fromEntries(probers);
}

const securityContext = fields({
  runAsUser: scalar,
  runAsGroup: scalar,
  runAsNonRoot: scalar,
  fsGroup: scalar,
  fsGroupChangePolicy: text,
  supplementalGroups: list(scalar),
  privileged: scalar,
  readOnlyRootFilesystem: scalar,
});

const probe = fields({
  httpGet: fields({ path: text, port: scalar, scheme: text }),
  tcpSocket: fields({ port: scalar }),
  initialDelaySeconds: scalar,
  periodSeconds: scalar,
  failureThreshold: scalar,
});

/** `--token` and its value may be two words of a list. */
const words: Keep = (value, place) => {
  const kept = texts(value, place);
  return Array.isArray(kept)
    ? kept.map((word, index) => {
        const before = kept[index - 1];
        const names =
          typeof before === 'string' && /^--?[\w-]*(?:password|token|secret|credential|apikey|api-key)$/i.test(before);
        if (!names || typeof word !== 'string' || word.startsWith('-')) return word;
        place.at(index).note('credential');
        return 'x'.repeat(word.length);
      })
    : undefined;
};

function container(withCommands: boolean): Keep {
  const commands = { command: words, args: words };
  return fields({
    name: text,
    image: text,
    ...(withCommands ? commands : {}),
    env: list(variable),
    ports: list(fields({ name: text, containerPort: scalar, protocol: text })),
    volumeMounts: list(fields({ name: text, mountPath: text, subPath: text, readOnly: scalar })),
    livenessProbe: probe,
    readinessProbe: probe,
    startupProbe: probe,
    resources: fields({ requests: map(scalar), limits: map(scalar) }),
    securityContext,
    restartPolicy: text,
  });
}

const keyItems = list(fields({ key: text, path: text, mode: scalar }));

const volume = fields({
  name: text,
  csi: fields({ driver: text, readOnly: scalar, fsType: text, volumeAttributes: map(presence) }),
  configMap: fields({ name: text, optional: scalar, defaultMode: scalar, items: keyItems }),
  secret: fields({ secretName: text, optional: scalar, defaultMode: scalar, items: keyItems }),
  emptyDir: fields({ medium: text, sizeLimit: scalar }),
  hostPath: fields({ path: text, type: text }),
  projected: fields({ defaultMode: scalar }),
  downwardAPI: presence,
  persistentVolumeClaim: fields({ claimName: text }),
  ephemeral: presence,
  nfs: presence,
});

const SPEAKS_OF_THE_CHAIN = /haproxy|hapee|haptic|dataplane|spiffe|spire|ssl cert/i;

/** What a container is told to do is read only in pods of HAPTIC and SPIRE. */
function concernsTheChain(spec: Json): boolean {
  const containers = [...listAt(objectAt(spec).containers), ...listAt(objectAt(spec).initContainers)].map(objectAt);
  return containers.some(({ image, command, args }) =>
    [image, ...listAt(command), ...listAt(args)].some(
      (word) => typeof word === 'string' && SPEAKS_OF_THE_CHAIN.test(word),
    ),
  );
}

export const podSpec: Keep = (value, place) => {
  const containers = list(container(concernsTheChain(value)));
  return fields({
    containers,
    initContainers: containers,
    volumes: list(volume),
    securityContext,
    serviceAccountName: text,
    nodeName: text,
    nodeSelector: map(text),
    hostNetwork: scalar,
    hostPID: scalar,
    shareProcessNamespace: scalar,
    restartPolicy: text,
    terminationGracePeriodSeconds: scalar,
    tolerations: list(fields({ key: text, operator: text, value: text, effect: text })),
  })(value, place);
};

const condition = fields({ type: text, status: text, reason: text, message: text, lastTransitionTime: text });
export const conditions = list(condition);

const terminated = fields({
  reason: text,
  exitCode: scalar,
  signal: scalar,
  message: text,
  startedAt: text,
  finishedAt: text,
});
const containerState = fields({
  waiting: fields({ reason: text, message: text }),
  running: fields({ startedAt: text }),
  terminated,
});
const containerStatuses = list(
  fields({
    name: text,
    ready: scalar,
    started: scalar,
    restartCount: scalar,
    image: text,
    imageID: text,
    state: containerState,
    lastState: containerState,
  }),
);

export const podStatus = fields({
  phase: text,
  reason: text,
  message: text,
  startTime: text,
  conditions,
  containerStatuses,
  initContainerStatuses: containerStatuses,
});

export const podTemplate = fields({ metadata: metadata('Pod'), spec: podSpec });
