import type { Fix, KubectlCommand } from '../../src/doctor/check.ts';
import type { AnnotatedIngress } from '../../src/evidence/facts/installation.ts';
import type { ObjectRef } from '../../src/evidence/reading.ts';
import { readSnippet } from '../../src/evidence/snippet/read-snippet.ts';
import type { Scene } from './scene.ts';

export const SNIPPET_NAME = 'backend-directives-800-server-mtls-spire';
/** Rendered after every snippet that a library brings: the last keyword on a server line counts. */
const LAST = 'backend-directives-999-server-mtls-spire';

/** What stands in string literals of the template language. */
const PLAIN = /^[\w./@+-]+$/;

/** The snippet that turns `annotation: "true"` into keywords of server lines. */
function snippetText(annotation: string, svid: string, bundle: string): string | undefined {
  if (![annotation, svid, bundle].every((word) => PLAIN.test(word))) return undefined;
  return [
    '{%- if ingress != nil %}',
    `{%- var asked = ingress | dig("metadata", "annotations", "${annotation}") | fallback("") | tostring() %}`,
    '{%- if asked == "true" %}',
    '{%- var ns = ingress | dig("metadata", "namespace") | fallback("") | tostring() %}',
    '{%- var peer = tostring(svcName) + "." + tostring(ns) + ".svc" %}',
    `{%- serverOpts["flags"] = append(serverOpts["flags"].([]any), "ssl verify required ca-file ${bundle} crt ${svid} sni str(" + peer + ")") %}`,
    '{%- end %}',
    '{%- end %}',
    '',
  ].join('\n');
}

/** Adds the snippet to the HAProxyTemplateConfig of the release; undefined when that was not seen. */
export function addSnippet(scene: Scene, annotation: string): readonly KubectlCommand[] | undefined {
  const { installation, svid, bundle } = scene;
  const config = installation.state === 'known' ? installation.value.templateConfig : undefined;
  const text = snippetText(annotation, svid, bundle);
  return config && text ? [setSnippet(config, SNIPPET_NAME, text)] : undefined;
}

/** The snippet as it should be; where it is so already and something after it takes it back, another one that comes last. */
export function strengthenSnippet({ snippet, svid, bundle }: Scene): readonly KubectlCommand[] | undefined {
  if (snippet.state !== 'known') return undefined;
  const { name, template, templateConfig, annotation } = snippet.value;
  const standard = snippetText(annotation, svid, bundle);
  if (isStrongSnippet(template))
    return standard && name !== LAST ? [setSnippet(templateConfig, LAST, standard)] : undefined;
  const corrected = template.replaceAll(/\bverify([ \t]+)none\b/g, 'verify$1required');
  const text = isStrongSnippet(corrected) ? corrected : standard;
  return text ? [setSnippet(templateConfig, name, text)] : undefined;
}

export function isStrongSnippet(template: string): boolean {
  const reading = readSnippet(template);
  return reading?.verify === 'required' && reading.certificate !== undefined && reading.caFile !== undefined;
}

function setSnippet(config: ObjectRef, name: string, template: string): KubectlCommand {
  return {
    ...(config.namespace === undefined ? {} : { namespace: config.namespace }),
    args: [
      'patch',
      `haproxytemplateconfigs.haproxy-haptic.org/${config.name}`,
      '--type=merge',
      '--patch-file=/dev/stdin',
    ],
    stdin: { document: { spec: { templateSnippets: { [name]: { template } } } } },
  };
}

/** Takes away the annotations of other libraries that decide about TLS to the same backends. */
export function withoutConflicts(ref: ObjectRef, conflicts: AnnotatedIngress['conflicts']): readonly KubectlCommand[] {
  if (conflicts.length === 0) return [];
  const namespace = ref.namespace === undefined ? {} : { namespace: ref.namespace };
  return [{ ...namespace, args: ['annotate', 'ingress', ref.name, ...conflicts.map(({ key }) => `${key}-`)] }];
}

/** Has HAPTIC render everything anew. */
export function restartControllers({ installation }: Scene): Pick<Fix, 'commands'> {
  const workloads = installation.state === 'known' ? installation.value.controllerWorkloads : [];
  const commands = workloads.map(({ namespace, kind, name }) => ({
    ...(namespace === undefined ? {} : { namespace }),
    args: ['rollout', 'restart', `${kind.toLowerCase()}/${name}`],
  }));
  return commands.length > 0 ? { commands } : {};
}
