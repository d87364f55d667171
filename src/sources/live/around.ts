import type { GatherItem } from '../../evidence/catalogue.ts';
import { dig, textsAt } from '../../evidence/json.ts';
import { looksLikeMtlsSnippet, MTLS_ANNOTATION, snippetTemplates } from '../../evidence/snippet-signs.ts';
import { viewPod } from '../../evidence/view-pod.ts';
import { namespaceOf, type World } from '../../evidence/world.ts';

/**
 * Namespaces outside the installations whose pods matter: of SPIRE's DaemonSets, and of the Ingresses that ask for
 * mTLS. For when pods were not listed everywhere.
 */
export function namespacesAround(
  world: World,
  items: readonly GatherItem[],
  annotation: string | undefined,
): readonly string[] {
  const spire = items.includes('spire')
    ? world.list('DaemonSet').items.filter((item) => viewPod(item).containers.some(isSpires))
    : [];
  const backends = items.includes('backends') ? annotated(world, annotation) : [];
  const namespaces = [...spire, ...backends].flatMap(({ object }) => namespaceOf(object) ?? []);
  const seen = world.snapshot.coverage.filter(({ kind }) => kind === 'Pod').map(({ namespace }) => namespace);
  return seen.includes(undefined)
    ? []
    : [...new Set(namespaces)].filter((namespace) => !seen.includes(namespace)).slice(0, 50);
}

function isSpires({ image }: { readonly image: { readonly basename: string } }): boolean {
  return /^spi(?:re-agent|ffe-csi)/.test(image.basename);
}

/** Ingresses with an annotation that a snippet for mTLS reads. */
function annotated(world: World, given: string | undefined) {
  const snippets = world
    .list('HAProxyTemplateConfig')
    .items.flatMap(({ object }) => snippetTemplates(object))
    .map(({ template }) => template)
    .filter(looksLikeMtlsSnippet);
  return world.list('Ingress').items.filter(({ object }) => {
    const keys = Object.keys(textsAt(dig(object, 'metadata', 'annotations')));
    return keys.some((key) => key === (given ?? MTLS_ANNOTATION) || snippets.some((text) => text.includes(`"${key}"`)));
  });
}
