/** One ReplicaSet of a Deployment: what it should have, has and has ready. */
export interface SetStanding {
  readonly wanted: number;
  readonly ready: number;
}

export interface RollOut {
  readonly replicas: number;
  readonly maxSurge: number;
  readonly maxUnavailable: number;
  readonly current: SetStanding;
  /** The oldest first. */
  readonly old: readonly SetStanding[];
}

/** How many replicas the current ReplicaSet and the old ones should have next; nobody is taken away before a successor is ready. */
export function nextStep(rollOut: RollOut): { readonly current: number; readonly old: readonly number[] } {
  const { replicas, maxSurge, maxUnavailable, current, old } = rollOut;
  const total = current.wanted + sum(old, ({ wanted }) => wanted);
  const room = Math.max(0, replicas + maxSurge - total);
  const grown = current.wanted >= replicas ? replicas : Math.min(replicas, current.wanted + room);
  const floor = replicas - maxUnavailable;
  const unready = Math.max(0, current.wanted - current.ready);
  const spareAtAll = Math.max(0, total - floor - unready);
  // Those that are not ready serve nobody: they go first.
  const swept = take(old, spareAtAll, ({ wanted, ready }) => wanted - Math.min(wanted, ready));
  const readyInAll = Math.min(current.wanted, current.ready) + sum(old, ({ wanted, ready }) => Math.min(wanted, ready));
  const left = old.map((set, index) => ({ ...set, wanted: set.wanted - (swept[index] ?? 0) }));
  const spared = take(left, Math.max(0, readyInAll - floor), ({ wanted }) => wanted);
  return { current: grown, old: left.map(({ wanted }, index) => wanted - (spared[index] ?? 0)) };
}

/** `25%` of the replicas or a number; percentages of the surge are rounded up, those of what may lack down. */
export function fraction(value: number | string, replicas: number, rounding: 'up' | 'down'): number {
  if (typeof value === 'number') return value;
  const share = (Number.parseInt(value, 10) / 100) * replicas;
  return value.endsWith('%') ? (rounding === 'up' ? Math.ceil(share) : Math.floor(share)) : Number.parseInt(value, 10);
}

function take(sets: readonly SetStanding[], budget: number, most: (set: SetStanding) => number): readonly number[] {
  let left = budget;
  return sets.map((set) => {
    const taken = Math.min(left, most(set));
    left -= taken;
    return taken;
  });
}

function sum(sets: readonly SetStanding[], of: (set: SetStanding) => number): number {
  return sets.reduce((total, set) => total + of(set), 0);
}
