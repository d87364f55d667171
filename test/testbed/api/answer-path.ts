import type { ServerResponse } from 'node:http';
import type { EditableObject } from '../../scenario/field-edit.ts';
import { sendJson } from './answer.ts';
import { aggregated, coreVersions, groupAnswer, groupList, resourceList } from './discovery.ts';
import type { RequestInfo } from './handlers.ts';
import type { ResourceKind } from './kinds.ts';
import { openApiDocument, openApiRoot } from './open-api.ts';
import { noSuchPath } from './status.ts';

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** What the server says about itself. */
export interface SelfDescription {
  readonly kinds: readonly ResourceKind[];
  /** `1.35.2`. */
  readonly release: string;
  /** `127.0.0.1:6443`. */
  readonly address: string;
}

/** Answers a request for what is no resource: versions, discovery, health. Throws a 404. */
export function answerPath(info: RequestInfo, self: SelfDescription, response: ServerResponse): void {
  const { path, headers } = info;
  if (/^\/(healthz|readyz|livez)(\/|$)/.test(path)) {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' });
    response.end('ok');
    return;
  }
  const wantsAggregated = /g=apidiscovery\.k8s\.io;v=v2;/.test(`${headers.accept ?? ''};`);
  if (wantsAggregated && (path === '/api' || path === '/apis')) {
    sendJson(response, 200, aggregated(self.kinds, path === '/api' ? 'core' : 'named'), AGGREGATED);
    return;
  }
  const body = bodyOf(path.replace(/(.)\/$/, '$1'), self);
  if (body === undefined) throw noSuchPath();
  sendJson(response, 200, body);
}

function bodyOf(path: string, { kinds, release, address }: SelfDescription): EditableObject | undefined {
  const [first, second, third, fourth, fifth] = path.split('/').slice(1);
  if (path === '/version') return versionOf(release);
  if (path === '/api') return coreVersions(address);
  if (path === '/apis') return groupList(kinds);
  if (path === '/openapi/v3') return openApiRoot(kinds);
  if (first === 'openapi' && second === 'v3') {
    const [group, version] = third === 'api' ? ['', fourth] : [fourth, fifth];
    const served = kinds.filter((kind) => kind.group === group && kind.version === version);
    return served.length === 0 ? undefined : openApiDocument(served);
  }
  if (first === 'api' && second !== undefined && third === undefined) return resourceList(kinds, '', second);
  if (first !== 'apis' || second === undefined || fourth !== undefined) return undefined;
  return third === undefined ? groupAnswer(kinds, second) : resourceList(kinds, second, third);
}

function versionOf(release: string): EditableObject {
  const [major = '1', minor = ''] = release.split('.');
  return {
    major,
    minor,
    emulationMajor: major,
    emulationMinor: minor,
    gitVersion: `v${release}`,
    gitCommit: '6c8a5b2f0d3b7a5f8f1f0b6f8f7f1a2b3c4d5e6f',
    gitTreeState: 'clean',
    buildDate: '2026-02-11T09:12:30Z',
    goVersion: 'go1.25.6',
    compiler: 'gc',
    platform: 'linux/amd64',
  };
}
