import { expect, it } from 'vitest';
import type { KubeObject } from '../seams.ts';
import { shortDuration } from './duration.ts';
import { fieldSelector, labelSelector } from './selectors.ts';

const pod: KubeObject = {
  kind: 'Pod',
  metadata: { name: 'web-0', namespace: 'shop', labels: { app: 'web', 'example.com/tier': 'front' } },
  spec: { nodeName: 'node-a' },
  status: { phase: 'Running' },
};

it.each([
  ['app=web', true],
  ['app==web,example.com/tier=front', true],
  ['app=api', false],
  ['app!=web', false],
  ['other!=web', true],
  ['app in (api, web)', true],
  ['app notin (api,web)', false],
  ['other notin (web)', true],
  ['app', true],
  ['!app', false],
  ['!other', true],
  ['app in (web),other', false],
  ['', true],
])('the label selector %j says %s', (text, expected) => {
  expect(labelSelector(text)(pod)).toBe(expected);
});

it.each([
  ['metadata.name=web-0', true],
  ['metadata.namespace=shop,spec.nodeName=node-b', false],
  ['spec.nodeName==node-a,status.phase!=Succeeded', true],
  ['spec.hostNetwork=false', true],
  ['', true],
])('the field selector %j says %s', (text, expected) => {
  expect(fieldSelector(text, 'Pod')(pod)).toBe(expected);
});

it('refuses fields by which a kind cannot be selected', () => {
  expect(() => fieldSelector('spec.nodeName=a', 'ConfigMap')).toThrow('field label not supported: spec.nodeName');
});

it.each(['app=(web', '=web', 'app in web'])('refuses the label selector %j', (text) => {
  expect(() => labelSelector(text)).toThrow('unable to parse requirement');
});

it.each([
  [90_000, '90s'],
  [303_000, '5m3s'],
  [7_140_000, '119m'],
  [12_000_000, '3h20m'],
  [100_000_000, '27h'],
  [700_000_000, '8d'],
])('%d ms are shown as %s', (milliseconds, expected) => {
  expect(shortDuration(milliseconds)).toBe(expected);
});
