import { createHash } from 'node:crypto';
import type { EditableObject } from '../../scenario/field-edit.ts';
import { readField } from '../../scenario/field-edit.ts';
import type { KubeObject, ObjectKey, Store } from '../seams.ts';

const CHANGE = { manager: 'haptic-controller' };
const API_VERSION = 'haproxy-haptic.org/v1alpha1';

/** A HAProxyTemplateConfig that a controller works for. */
export interface Published {
  readonly namespace: string;
  readonly config: string;
}

/** `sha256:<hex>`. */
export function checksumOf(content: string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** Publishes what was validated and takes back what was rejected; nothing happens when it is published already. */
export function publishValid(store: Store, of: Published, content: string, now: number): void {
  store.remove(keyOf(of, '-invalid'));
  const checksum = checksumOf(content);
  const there = store.get(keyOf(of));
  if (readField(there ?? {}, 'spec.checksum') !== checksum) {
    const spec = { path: '/etc/haproxy/haproxy.cfg', content, checksum, compressed: false };
    const made = putSpec(store, of, '', spec);
    const metadata = { renderedAt: iso(now), validatedAt: iso(now), contentSize: Buffer.byteLength(content) };
    putStatus(store, made, { ...statusOf(made), metadata });
  }
  sayTemplate(store, of, { validationStatus: 'Valid' });
}

/** Leaves what is published, and publishes beside it what was rejected and why. */
export function publishInvalid(store: Store, of: Published, content: string, error: string, now: number): void {
  const checksum = checksumOf(content);
  const there = store.get(keyOf(of, '-invalid'));
  if (
    there === undefined ||
    readField(there, 'spec.checksum') !== checksum ||
    statusOf(there).validationError !== error
  ) {
    const spec = { path: '/etc/haproxy/haproxy.cfg', content, checksum, compressed: false };
    putStatus(store, putSpec(store, of, '-invalid', spec), {
      validationError: error,
      metadata: { validatedAt: iso(now) },
    });
  }
  sayInvalid(store, of, error);
}

/** The template itself fails, or its validation did. */
export function sayInvalid(store: Store, of: Published, error: string): void {
  sayTemplate(store, of, { validationStatus: 'Invalid', validationMessage: error, validationErrors: [error] });
}

/** The published configuration; undefined: nothing has been valid yet. */
export function publishedContent(store: Store, of: Published): string | undefined {
  const content = readField(store.get(keyOf(of)) ?? {}, 'spec.content');
  return typeof content === 'string' ? content : undefined;
}

export function deployedPods(store: Store, of: Published): readonly EditableObject[] {
  const pods = readField(store.get(keyOf(of)) ?? {}, 'status.deployedToPods');
  return Array.isArray(pods)
    ? pods.filter((pod): pod is EditableObject => typeof pod === 'object' && pod !== null)
    : [];
}

export function sayDeployed(store: Store, of: Published, pods: readonly EditableObject[]): void {
  const there = store.get(keyOf(of));
  if (there) putStatus(store, there, { ...statusOf(there), deployedToPods: [...pods] });
}

function keyOf({ namespace, config }: Published, suffix = ''): ObjectKey & { readonly namespace: string } {
  return { kind: 'HAProxyCfg', namespace, name: `${config}-haproxycfg${suffix}` };
}

function putSpec(store: Store, of: Published, suffix: string, spec: EditableObject): KubeObject {
  const { kind, namespace, name } = keyOf(of, suffix);
  const there = store.get({ kind, namespace, name });
  if (there) return store.update({ ...there, spec }, CHANGE);
  const owner = store.get({ kind: 'HAProxyTemplateConfig', namespace, name: of.config });
  const uid = readField(owner ?? {}, 'metadata.uid') ?? '';
  const ownerReferences = [
    { apiVersion: API_VERSION, kind: 'HAProxyTemplateConfig', name: of.config, uid, controller: true },
  ];
  return store.create({ apiVersion: API_VERSION, kind, metadata: { name, namespace, ownerReferences }, spec }, CHANGE);
}

function putStatus(store: Store, object: KubeObject, status: EditableObject): void {
  store.update({ ...object, status }, { ...CHANGE, subresource: 'status' });
}

function sayTemplate(store: Store, { namespace, config }: Published, said: EditableObject): void {
  const there = store.get({ kind: 'HAProxyTemplateConfig', namespace, name: config });
  if (there) putStatus(store, there, { ...said, observedGeneration: readField(there, 'metadata.generation') ?? 1 });
}

function statusOf(object: KubeObject): EditableObject {
  const { status } = object;
  return typeof status === 'object' && status !== null && !Array.isArray(status) ? status : {};
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
