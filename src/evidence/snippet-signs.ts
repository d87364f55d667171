import { dig, type JsonObject, objectAt, textAt } from './json.ts';
import { fieldPath } from './snapshot.ts';

/** The annotation key of the HAPTIC guide. */
export const MTLS_ANNOTATION = 'example.com/server-mtls-spire';

/** Template snippets of a HAProxyTemplateConfig, with the field of their text. */
export function snippetTemplates(
  config: JsonObject,
): readonly { readonly name: string; readonly template: string; readonly field: string }[] {
  return Object.entries(objectAt(dig(config, 'spec', 'templateSnippets'))).flatMap(([name, snippet]) => {
    const template = textAt(objectAt(snippet).template);
    return template === undefined
      ? []
      : [{ name, template, field: fieldPath('spec', 'templateSnippets', name, 'template') }];
  });
}

/** True for a snippet that puts a client certificate and a CA file on server lines because of an annotation. */
export function looksLikeMtlsSnippet(template: string): boolean {
  return /\bca-file\s+\//.test(template) && /\bcrt\s+\//.test(template) && /annotations/.test(template);
}
