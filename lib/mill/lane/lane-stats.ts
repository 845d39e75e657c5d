import type { LaneNode } from './nodes/lane-tree.js';

/** The elements that a lane has in memory at the moment. */
export interface LaneStats {
  /** By node. */
  readonly nodes: readonly NodeStats[];
  /** Master elements in open windows. */
  readonly inWindows: number;
}

export interface NodeStats {
  /**
   * Elements that were taken and may still match, be called or be reordered. For a child: the elements that its edge
   * holds.
   */
  readonly held: number;
  /** Elements that were fed and not taken yet: they wait for other streams, or for calls. */
  readonly waiting: number;
}

/** Counts on demand; no counters are kept. */
export function statsOf(nodes: readonly LaneNode[], inWindows: number): LaneStats {
  return { nodes: nodes.map(nodeStats), inWindows };
}

function nodeStats({ held, slack, heldElsewhere, up, inbox }: LaneNode): NodeStats {
  const pending = up?.pending.length ?? 0;
  return { held: held.count + (slack?.size ?? 0) + heldElsewhere() + pending, waiting: inbox.size };
}
