import type { Controller, Store } from '../seams.ts';
import { identityOf } from './fields.ts';

/** More rounds than any roll-out of a small cluster takes. */
const MOST_ROUNDS = 100;

/** Lets every controller look again and again until none changes an object. Throws with the names of those that never settle. */
export async function runToFixpoint(controllers: readonly Controller[], store: Store): Promise<void> {
  let restless: readonly string[] = [];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const seen: string[] = [];
    for (const controller of controllers) {
      const changed = new Set<string>();
      const stop = store.subscribe(({ type, object }) => {
        const { kind, name } = identityOf(object);
        changed.add(`${type} ${kind} ${name}`);
      });
      try {
        await controller.reconcile();
      } finally {
        stop();
      }
      if (changed.size > 0) seen.push(`${controller.name} (${[...changed].slice(0, 3).join(', ')})`);
    }
    if (seen.length === 0) return;
    restless = seen;
  }
  throw new Error(`the cluster does not settle after ${MOST_ROUNDS} rounds: ${restless.join('; ')}`);
}
