import type { EarlyEnd } from '../resume/lane-vector.js';
import type { NodeInput } from './input/node-input.js';

/** The early end of a lane by a node. `hasEnded`: by the end of its stream, not by one of its elements. */
export function earlyEndBy({ index, inbox }: NodeInput, hasEnded: boolean): EarlyEnd {
  return hasEnded ? [index, inbox.fedTo] : [index];
}

/** Returns whether this node ended the lane before a restart, and has more elements now. */
export function isRefuted(early: EarlyEnd | undefined, { index, inbox }: NodeInput): boolean {
  return early?.[0] === index && early[1] !== undefined && inbox.fedTo > early[1];
}

/** Returns whether the lane is over after a restart as well: the node need not end again, or has ended again. */
export function isConfirmed([node, end]: EarlyEnd, nodes: readonly NodeInput[]): boolean {
  return end === undefined || (nodes[node] as NodeInput).sourceEnded;
}
