import { dig, listAt, numberAt, objectAt, textAt, textsAt } from '../../../src/evidence/json.ts';
import { matchesSelectorText } from '../../../src/evidence/label-selector.ts';
import { wantedClass } from '../../../src/evidence/snippet/watched.ts';
import type { KubeObject, Store } from '../seams.ts';
import { runTemplate } from './run-template.ts';

/** Ports that HAProxy listens on; `extra` are those of `extraContext`. */
export interface ListenPorts {
  readonly http: number;
  readonly https: number;
  readonly stats: number;
}

interface Route {
  readonly backend: string;
  readonly host: string | undefined;
  readonly path: string;
  readonly exact: boolean;
  readonly lines: readonly string[];
}

/** haproxy.cfg for a HAProxyTemplateConfig and what it watches. Throws TemplateError when a snippet does not work or refuses. */
export function renderConfig(config: KubeObject, ports: ListenPorts, store: Store): string {
  const routes = watchedIngresses(config, store).flatMap((ingress) => routesOf(ingress, config, store));
  const proxyPort = numberAt(dig(config, 'spec', 'templatingSettings', 'extraContext', 'proxyProtocol', 'httpPort'));
  const backends = new Map(routes.map(({ backend, lines }) => [backend, lines]));
  return [
    'global',
    '    daemon',
    '    crt-base /etc/haproxy/ssl',
    'defaults',
    '    mode http',
    '    option redispatch',
    '    timeout connect 5s',
    '    timeout client 50s',
    '    timeout server 50s',
    'frontend http_frontend',
    `    bind *:${ports.http}`,
    ...(proxyPort === undefined ? [] : [`    bind *:${proxyPort} accept-proxy`]),
    ...byLongestPath(routes).map(useBackend),
    'frontend https_frontend',
    `    bind *:${ports.https}`,
    'frontend status',
    `    bind *:${ports.stats}`,
    '    http-request return status 200 content-type text/plain string OK if { path /healthz }',
    '    http-request return status 200 content-type text/plain string OK if { path /ready }',
    ...[...backends].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([name, lines]) => [`backend ${name}`, ...lines]),
    '',
  ].join('\n');
}

function watchedIngresses(config: KubeObject, store: Store): readonly KubeObject[] {
  const watched = objectAt(dig(config, 'spec', 'watchedResources', 'ingresses'));
  const wanted = wantedClass({ object: config, at: '' });
  const selector = textAt(watched.labelSelector);
  return store.list('Ingress', textAt(watched.namespace) || undefined).filter((ingress) => {
    if (wanted !== undefined && textAt(dig(ingress, 'spec', 'ingressClassName')) !== wanted) return false;
    return !selector || matchesSelectorText(selector, textsAt(dig(ingress, 'metadata', 'labels')));
  });
}

function routesOf(ingress: KubeObject, config: KubeObject, store: Store): readonly Route[] {
  return listAt(dig(ingress, 'spec', 'rules')).flatMap((rule) =>
    listAt(dig(rule, 'http', 'paths')).flatMap((path): Route[] => {
      const service = textAt(dig(path, 'backend', 'service', 'name'));
      const port = dig(path, 'backend', 'service', 'port', 'name') ?? dig(path, 'backend', 'service', 'port', 'number');
      if (service === undefined || port === undefined) return [];
      const { namespace = '', name = '' } = textsAt(ingress.metadata);
      return [
        {
          backend: `${namespace}_${name}_svc_${service}_${port}`,
          host: textAt(dig(rule, 'host')),
          path: textAt(dig(path, 'path')) ?? '/',
          exact: dig(path, 'pathType') === 'Exact',
          lines: backendLines(ingress, { namespace, name: service, port }, config, store),
        },
      ];
    }),
  );
}

interface ServicePort {
  readonly namespace: string;
  readonly name: string;
  /** Name or number, as the Ingress says it. */
  readonly port: unknown;
}

function backendLines(ingress: KubeObject, service: ServicePort, config: KubeObject, store: Store): readonly string[] {
  const serverOpts: Record<string, unknown> = { flags: ['check'] };
  const snippets = Object.entries(objectAt(dig(config, 'spec', 'templateSnippets')))
    .filter(([name]) => name.startsWith('backend-directives-'))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const printed = snippets.flatMap(([, snippet]) =>
    runTemplate(textAt(objectAt(snippet).template) ?? '', {
      ingress,
      svcName: service.name,
      serviceName: service.name,
      port: service.port,
      serverOpts,
    }).split('\n'),
  );
  const directives = printed.filter((line) => line.trim() !== '').map((line) => `    ${line.trim()}`);
  return [
    ...directives,
    `    default-server ${listAt(serverOpts.flags).map(String).join(' ')}`,
    ...addressesOf(service, store).map((address, index) => `    server SRV_${index + 1} ${address}`),
  ];
}

/** Address and port of every Ready pod behind a Service’s port. */
function addressesOf({ namespace, name, port }: ServicePort, store: Store): readonly string[] {
  const ports = listAt(dig(store.get({ kind: 'Service', namespace, name }), 'spec', 'ports')).map(objectAt);
  const wanted = ports.find((each) => each.name === port || each.port === port);
  if (wanted === undefined) return [];
  const subsets = listAt(store.get({ kind: 'Endpoints', namespace, name })?.subsets);
  return subsets
    .flatMap((subset) => {
      const open = listAt(dig(subset, 'ports')).map(objectAt);
      const number = numberAt((open.find((each) => each.name === wanted.name) ?? open[0])?.port);
      if (number === undefined) return [];
      return listAt(dig(subset, 'addresses')).flatMap((address) => `${textAt(dig(address, 'ip'))}:${number}`);
    })
    .sort();
}

function byLongestPath(routes: readonly Route[]): readonly Route[] {
  return [...routes].sort((a, b) => b.path.length - a.path.length || (a.backend < b.backend ? -1 : 1));
}

function useBackend({ backend, host, path, exact }: Route): string {
  const named = host === undefined ? '' : `{ req.hdr(host),field(1,:),lower -m str ${host.toLowerCase()} } `;
  return `    use_backend ${backend} if ${named}{ path${exact ? '' : ' -m beg'} ${path} }`;
}
