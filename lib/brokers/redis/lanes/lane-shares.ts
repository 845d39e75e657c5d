/** The owners of the lanes, as far as known. */
export interface LaneOwners {
  /** The lanes that have not ended. */
  readonly open: readonly number[];
  /** By lane; undefined if no live process owns it. */
  readonly ownerOf: (lane: number) => string | undefined;
  /** The processes that are alive. */
  readonly members: readonly string[];
  readonly me: string;
}

/**
 * The lanes that a process takes. No process owns more than an even share, rounded up: each takes lanes without an
 * owner, up to that. The newest process takes its share immediately; if no lane is free, from those that own the most.
 */
export function lanesToTake({ open, ownerOf, members, me }: LaneOwners, isNewest: boolean): number[] {
  const byOwner = new Map<string | undefined, number[]>();
  for (const lane of open) {
    const owner = ownerOf(lane);
    byOwner.set(owner, [...(byOwner.get(owner) ?? []), lane]);
  }
  const share = Math.ceil(open.length / Math.max(1, new Set([...members, me]).size));
  const missing = share - (byOwner.get(me)?.length ?? 0);
  const taken = (byOwner.get(undefined) ?? []).slice(0, Math.max(0, missing));
  if (!isNewest) return taken;
  byOwner.delete(undefined);
  byOwner.delete(me);
  while (taken.length < missing) {
    const [richest] = [...byOwner.values()].sort((a, b) => b.length - a.length);
    const lane = richest?.pop();
    if (lane === undefined) break;
    taken.push(lane);
  }
  return taken;
}
