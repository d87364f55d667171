import { dig, objectAt, textAt, textsAt } from '../json.ts';
import { matchesSelectorText } from '../label-selector.ts';
import { known, type Reading, unknown } from '../reading.ts';
import type { CollectedObject } from '../snapshot.ts';
import { namespaceOf, originOf, type World } from '../world.ts';

/** Whether a HAProxyTemplateConfig watches an Ingress, by its class, labels and namespace. */
export function isWatched(world: World, config: CollectedObject, ingress: CollectedObject): Reading<boolean> {
  const watched = objectAt(dig(config.object, 'spec', 'watchedResources', 'ingresses'));
  const from = originOf(config, 'spec.watchedResources.ingresses.fieldSelector');
  const namespace = textAt(watched.namespace);
  if (namespace && namespace !== namespaceOf(ingress.object)) return known(false, from);
  const labels = textsAt(dig(ingress.object, 'metadata', 'labels'));
  const labelSelector = textAt(watched.labelSelector);
  if (labelSelector && !matchesSelectorText(labelSelector, labels)) return known(false, from);
  const wanted = wantedClass(config);
  if (wanted === undefined) return known(true, from);
  const className = textAt(dig(ingress.object, 'spec', 'ingressClassName'));
  if (className !== undefined) return known(className === wanted, from);
  // Without a class the API server fills in the default one when the Ingress is created: in a cluster it has.
  if (!world.fromFiles) return known(false, from);
  const classes = world.list('IngressClass');
  const isDefault = ({ object }: CollectedObject) =>
    textAt(dig(object, 'metadata', 'annotations', 'ingressclass.kubernetes.io/is-default-class')) === 'true';
  const standard = classes.items.find(isDefault);
  if (standard) return known(textAt(dig(standard.object, 'metadata', 'name')) === wanted, from);
  return classes.rest
    ? unknown(
        'not-in-files',
        `the Ingress names no class; whether ${wanted} is the cluster's default IngressClass is not in these files`,
      )
    : known(false, from);
}

/** The class that the field selector asks for; undefined when it asks for none. */
export function wantedClass(config: CollectedObject): string | undefined {
  const selector = textAt(dig(config.object, 'spec', 'watchedResources', 'ingresses', 'fieldSelector')) ?? '';
  return /(?:^|,)\s*spec\.ingressClassName={1,2}([^,\s]+)/.exec(selector)?.[1];
}
