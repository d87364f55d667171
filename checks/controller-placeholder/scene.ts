import type { Evidence } from '../../src/doctor/check.ts';
import type { Placeholder, Validation, ValidationError } from '../../src/evidence/facts/controller.ts';
import type { ContainerView, PodView } from '../../src/evidence/pod-view.ts';
import type { Loaded } from './as-haproxy.ts';

/** What the parts of this check look at. */
export interface Scene {
  readonly pod: PodView;
  readonly container: ContainerView;
  readonly placeholder: Placeholder;
  readonly loaded: Loaded;
  /** Name of the snippet that names the paths. */
  readonly snippet: string;
  /** Number of Ingresses that ask for mTLS; undefined: not seen. */
  readonly annotated: number | undefined;
  readonly validation: Validation | undefined;
  /** In front of the names of the controller's Helm values. */
  readonly values: string;
  readonly fromFiles: boolean;
}

/** The newest current error that names the directory of the certificates, or one of its files. */
export function rejection({ placeholder, validation }: Scene): ValidationError | undefined {
  const directories = placeholder.expected
    .map(({ path }) => path.slice(0, path.lastIndexOf('/') + 1))
    .filter((path) => path.length > 1);
  return validation?.errors.find(({ text }) => directories.some((directory) => text.includes(directory)));
}

/** Errors quote whole configurations; the line that matters comes first. */
export function quote(text: string): string {
  const line = text.split('\n').find((candidate) => candidate.trim() !== '') ?? '';
  const short = line.length > 300 ? `${line.slice(0, 300)}…` : line;
  return `"${short.trim()}"`;
}

/** Nothing breaks before a configuration with these paths is rendered. */
export function phaseOf(scene: Scene): { readonly phase?: 'active' | 'latent' } {
  if (scene.fromFiles) return {};
  if (rejection(scene)) return { phase: 'active' };
  const unused = scene.annotated === 0 || scene.validation?.state === 'valid';
  return { phase: unused ? 'latent' : 'active' };
}

export function durableMount({ values }: Scene): string {
  return `${values}extraVolumes and ${values}extraVolumeMounts of the Helm values (not those under haproxy)`;
}

export function saidByController(scene: Scene): readonly Evidence[] {
  const error = rejection(scene);
  return error ? [{ from: error.from, excerpt: error.text.slice(0, 300) }] : [];
}
