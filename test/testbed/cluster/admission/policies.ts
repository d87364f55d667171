import type { KubeObject, Store } from '../../seams.ts';
import { dig, identityOf, objectsAt, textAt, textListAt, textsAt } from '../fields.ts';
import { matchesLabelSelector } from '../label-selection.ts';

/** The one kind of rule that is understood here: no volume of a certain CSI driver. */
const DRIVER = /c\.csi\.driver\s*==\s*["']([^"']+)["']/;

/** What the ValidatingAdmissionPolicies that are bound to the pod's namespace say against it; undefined: nothing. */
export function policyRefusal(store: Store, pod: KubeObject): string | undefined {
  const { namespace } = identityOf(pod);
  const labels = textsAt(store.get({ kind: 'Namespace', name: namespace ?? '' }), 'metadata', 'labels');
  const drivers = objectsAt(pod, 'spec', 'volumes').map((volume) => textAt(volume, 'csi', 'driver'));
  for (const binding of store.list('ValidatingAdmissionPolicyBinding')) {
    const selector = dig(binding, 'spec', 'matchResources', 'namespaceSelector');
    const denies = textListAt(binding, 'spec', 'validationActions').includes('Deny');
    if (!denies || (selector !== undefined && !matchesLabelSelector(selector, labels))) continue;
    const name = textAt(binding, 'spec', 'policyName');
    const policy = store.get({ kind: 'ValidatingAdmissionPolicy', name });
    for (const validation of objectsAt(policy, 'spec', 'validations')) {
      const driver = DRIVER.exec(textAt(validation, 'expression'))?.[1];
      if (driver === undefined || !drivers.includes(driver)) continue;
      const message = textAt(validation, 'message');
      return `ValidatingAdmissionPolicy '${name}' with binding '${identityOf(binding).name}' denied request: ${message}`;
    }
  }
  return undefined;
}
