import { describe, expect, it } from 'vitest';
import type { Look } from '../../checks/svid-valid/look.ts';
import { lookAtRotation } from '../../checks/svid-valid/rotation.ts';
import type { ServingAgent } from '../../src/evidence/facts/workload-api.ts';
import { absent, known, type Reading, unknown } from '../../src/evidence/reading.ts';
import { mintCa } from '../scenario/certificates.ts';

const NOW = Date.parse('2026-11-22T03:00:00Z');
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const ca = await mintCa({ subject: 'CN=root', notBefore: NOW - 30 * DAY, notAfter: NOW + 30 * DAY });

function agent(availabilityTarget: Reading<number>): ServingAgent {
  const unseen = unknown('no-evidence', 'not part of this test');
  return {
    driver: 'csi.spiffe.io',
    driverObject: unseen,
    registeredOnNode: unseen,
    csiDaemonSet: unseen,
    agentDaemonSet: unseen,
    sockets: unseen,
    agentOnNode: unseen,
    trustDomain: unseen,
    availabilityTarget,
    otherDrivers: [],
    obstacles: { csi: [], agent: [] },
  };
}

/** A pod whose SVID of this lifetime has so much left. */
async function look(lifetime: number, left: number, agents: Reading<readonly ServingAgent[]>): Promise<Look> {
  const { certificate: leaf } = await ca.issue({
    uris: ['spiffe://prod.example.com/a'],
    notBefore: NOW + left - lifetime,
    notAfter: NOW + left,
  });
  const ref = { kind: 'Pod', namespace: 'haptic', name: 'p' };
  const stat = {
    path: '/d/svid.pem',
    type: 'file',
    uid: 99,
    gid: 99,
    mode: 0o644,
    size: 700,
    mtime: NOW + left - lifetime,
  } as const;
  const unseen = unknown('no-evidence', 'not part of this test');
  return {
    leaf,
    agents,
    svid: { stat, readable: true, certificates: [leaf], otherBlocks: [], broken: [] },
    files: {
      podNow: NOW,
      at: NOW,
      reader: { uid: 99, gid: 99, groups: [] },
      directory: unseen,
      svid: unseen,
      key: unseen,
      bundle: unseen,
      paths: { directory: '/d', svid: '/d/svid.pem', key: '/d/svid.pem.key', bundle: '/d/bundle.pem' },
    },
    pod: {
      ref,
      from: 'pod',
      workload: { kind: 'Deployment', namespace: 'haptic', name: 'w' },
      labels: {},
      annotations: {},
      serviceAccount: 'default',
      hostNetwork: false,
      hostPid: false,
      shareProcessNamespace: false,
      fsGroup: null,
      containers: [],
      volumes: [],
      deleting: false,
      conditions: [],
      raw: {},
    },
  };
}

const noTarget = known([agent(absent('field', 'availability_target', {}))], {});
const unread = unknown('forbidden', 'configmaps is forbidden');

async function outcome(lifetime: number, left: number, agents: Reading<readonly ServingAgent[]>) {
  const { findings, cannotTell } = lookAtRotation(await look(lifetime, left, agents));
  const [finding] = findings;
  if (finding) return `${finding.message} ${finding.severity ?? 'as declared'}`;
  return cannotTell ? `unknown ${cannotTell.why}` : 'in time';
}

describe('a rotation is overdue by the share of the lifetime that is left', () => {
  it.each([
    ['five minutes, half of them left', 5 / 60, 2.5 / 60, 'in time'],
    ['an hour, 45 % left: the latest of healthy rotations', 1, 0.45, 'in time'],
    ['an hour, 39 % left', 1, 0.39, 'rotation-overdue as declared'],
    ['an hour, 9 % left', 1, 0.09, 'rotation-overdue fail'],
    ['an hour, ended a minute ago', 1, -1 / 60, 'expired as declared'],
    ['ten days, 30 % left', 240, 72, 'rotation-overdue as declared'],
  ])('%s', async (_name, lifetime, left, expected) => {
    expect(await outcome(lifetime * HOUR, left * HOUR, noTarget)).toBe(expected);
  });
});

describe('availability_target decides when an agent renews', () => {
  const target = known([agent(known(DAY, {}))], {});
  it.each([
    ['ten days, 30 % left, target of a day', 240, 72, target, 'in time'],
    ['ten days, 18 h left, target of a day', 240, 18, target, 'rotation-overdue as declared'],
    ['ten days, 4 h left, target of a day', 240, 4, target, 'rotation-overdue fail'],
    ['30 h, 11 h left: the target leaves too little headroom to count', 30, 11, target, 'rotation-overdue as declared'],
    ['ten days, 30 % left, nobody saw agent.conf', 240, 72, unread, 'unknown forbidden'],
    ['ten days, 30 % left, the target could not be read', 240, 72, known([agent(unread)], {}), 'unknown forbidden'],
    [
      'ten days, 15 h left, nobody saw agent.conf: late under any target',
      240,
      15,
      unread,
      'rotation-overdue as declared',
    ],
    [
      'an hour, 30 % left, nobody saw agent.conf: too short for any target',
      1,
      0.3,
      unread,
      'rotation-overdue as declared',
    ],
  ])('%s', async (_name, lifetime, left, agents, expected) => {
    expect(await outcome(lifetime * HOUR, left * HOUR, agents)).toBe(expected);
  });
});
