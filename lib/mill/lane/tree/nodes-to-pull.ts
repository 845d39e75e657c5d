import type { LaneNode } from '../nodes/lane-tree.js';

/**
 * The nodes that need more input in a step of a `TreeLane`, the most useful first. This decides which stream is pulled
 * next: the first node with available elements. If no node has any, the lane answers that it needs more of one of them, and
 * `driver/input/lane-inputs.ts` (`supply`) waits for their streams. Flat lanes decide in `flat/flat-lane.ts` (`verdict`).
 */
export class NodesToPull {
  private readonly nodes: LaneNode[] = [];

  want(node: LaneNode): void {
    if (node.wanted) return;
    node.wanted = true;
    this.nodes.push(node);
  }

  get size(): number {
    return this.nodes.length;
  }

  /** Keeps only the first `size` nodes. */
  keep(size: number): void {
    const { nodes } = this;
    while (nodes.length > size) (nodes.pop() as LaneNode).wanted = false;
  }

  /** The node to pull next; undefined if none has available elements. */
  get next(): LaneNode | undefined {
    return this.nodes.find((node) => node.available);
  }

  get indexes(): readonly number[] {
    return this.nodes.map((node) => node.index);
  }
}
