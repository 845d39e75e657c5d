/** A member of the group, and the lanes that it holds. */
export interface LaneHolder {
  readonly id: string;
  readonly holds: readonly number[];
}

/**
 * Assigns lanes to members as evenly as possible. A lane stays where it is unless its member has too many. A lane that
 * must move has no owner until its member has released it: the member stops it, and then asks for another rebalance. A
 * lane is the same partition of every topic, so topics need not be distinguished.
 */
export function assignLanes(members: readonly LaneHolder[], lanes: number): Map<string, number[]> {
  const assigned = evenlyShared(members, lanes);
  for (const [id, own] of assigned) {
    const isFree = (lane: number): boolean => !members.some((other) => other.id !== id && other.holds.includes(lane));
    assigned.set(id, own.filter(isFree));
  }
  return assigned;
}

function evenlyShared(members: readonly LaneHolder[], lanes: number): Map<string, number[]> {
  const sorted = [...members].sort((a, b) => (a.id < b.id ? -1 : 1));
  const assigned = new Map(sorted.map(({ id }) => [id, [] as number[]]));
  const free = new Set(Array.from({ length: lanes }, (_, lane) => lane));
  let remainder = lanes % sorted.length;
  const least = Math.floor(lanes / sorted.length);
  // Those that hold the most keep the extra lanes.
  for (const { id, holds } of [...sorted].sort((a, b) => b.holds.length - a.holds.length)) {
    const quota = least + (remainder-- > 0 ? 1 : 0);
    for (const lane of holds) {
      if (assigned.get(id)!.length < quota && free.delete(lane)) assigned.get(id)!.push(lane);
    }
  }
  for (const lane of free) fewest(assigned).push(lane);
  for (const own of assigned.values()) own.sort((a, b) => a - b);
  return assigned;
}

function fewest(assigned: ReadonlyMap<string, number[]>): number[] {
  return [...assigned.values()].reduce((best, each) => (each.length < best.length ? each : best));
}
