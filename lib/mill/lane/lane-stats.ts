import type { LaneNode } from './tree/lane-tree.js';

/** What a lane has in memory at the moment. */
export interface LaneStats {
  /** By node. */
  readonly nodes: readonly NodeStats[];
  /** Master elements in open windows. */
  readonly inWindows: number;
}

export interface NodeStats {
  /** Elements that were taken and may still match, be called, or be put in order. Of a child: what its edge holds. */
  readonly held: number;
  /** Elements that were fed and are not taken yet: they wait for other streams, or for calls. */
  readonly waiting: number;
}

/** Counted when it is asked for, of what is there: nothing is kept for it. */
export function statsOf(nodes: readonly LaneNode[], inWindows: number): LaneStats {
  return { nodes: nodes.map(nodeStats), inWindows };
}

function nodeStats({ held, reorder, heldElsewhere, up, inbox }: LaneNode): NodeStats {
  const pending = up?.pending.length ?? 0;
  return { held: held.count + (reorder?.size ?? 0) + heldElsewhere() + pending, waiting: inbox.size };
}
