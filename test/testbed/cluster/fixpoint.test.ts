import { expect, test } from 'vitest';
import { createStore } from '../api/store.ts';
import type { Controller } from '../seams.ts';
import { runToFixpoint } from './fixpoint.ts';

test('controllers that never agree are named', async () => {
  const store = createStore({ now: () => Date.now() });
  store.create(
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace: 'test' }, data: {} },
    { manager: 'test' },
  );
  let turn = 0;
  const restless: Controller = {
    name: 'the restless one',
    reconcile: () => {
      turn += 1;
      const object = store.get({ kind: 'ConfigMap', namespace: 'test', name: 'a' }) ?? {};
      store.update({ ...object, data: { turn: String(turn) } }, { manager: 'test' });
    },
  };
  await expect(runToFixpoint([restless], store)).rejects.toThrow('the restless one (MODIFIED ConfigMap a)');
});
