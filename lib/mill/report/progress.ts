import type { Plan } from '../plan/plan.js';
import { type HeldElements, heldBy } from './held-elements.js';
import { type LaneState, nodeInAll, sum } from './lane-state.js';
import type { Waiting } from './waiting.js';

/** The progress of a mill. */
export interface Progress {
  /**
   * The part of all inputs that the calls made so far have covered, 0 to 1, with all elements counting the same, so a
   * stream that is far behind reduces it by its rest. An estimate by the bytes read; undefined if the size of an input
   * is not known.
   */
  readonly fraction: number | undefined;
  /** One per node of the tree, the master first, depth first. */
  readonly nodes: readonly NodeProgress[];
  /** The number of calls of the process function so far. */
  readonly calls: number;
  /** The number of calls with a `DataKey` whose results are not saved yet. */
  readonly openCalls: number;
  /** The elements in memory: of the master, then by edge, depth first, then by the window, if there is one. */
  readonly held: readonly HeldElements[];
  /** What lanes are currently waiting for, and for how long. */
  readonly waiting: readonly Waiting[];
}

/** The counts of one node's elements so far. */
export interface NodeProgress {
  /** The name of the message class. */
  readonly name: string;
  /** The stream, as named by the broker. */
  readonly stream: string;
  /** The position of the next element, in the broker's terms; undefined if several partitions are read. */
  readonly position: number | undefined;
  /** Elements that the join took. After a restart, those read again count again, unless they are skipped as done. */
  readonly read: number;
  /** Elements that were in a group or, for the master, in a call. */
  readonly matched: number;
  /** Elements that nothing matched, and that cannot match any more. */
  readonly passedOver: number;
  /** Elements out of order that the order policy skipped. */
  readonly late: number;
  /** Messages that could not be read and that the policy skipped. */
  readonly bad: number;
  /** The part of the stream before `position`, 0 to 1; undefined if its size is not known. */
  readonly fraction: number | undefined;
}

export function progressOf(plan: Plan, lanes: readonly LaneState[], waiting: readonly Waiting[]): Progress {
  const calls = sum(lanes.map((lane) => lane.calls));
  const openCalls = sum(lanes.map((lane) => lane.openCalls));
  const nodes = nodeProgress(plan, lanes);
  return { fraction: fractionOfAll(nodes), nodes, calls, openCalls, held: heldBy(plan, lanes), waiting };
}

/** Weighted by elements: the total of a stream is extrapolated from the part that was read. */
function fractionOfAll(nodes: readonly NodeProgress[]): number | undefined {
  const parts = nodes.map(({ fraction, position, read }) => ({ fraction, done: position ?? read }));
  if (!parts.every((part): part is { fraction: number; done: number } => part.fraction !== undefined)) return undefined;
  const sizes = parts.flatMap(({ fraction, done }) => (fraction > 0 ? [done / fraction] : []));
  // The size of a stream without elements so far is unknown: it counts like the others.
  const usual = sizes.length === 0 ? 1 : sum(sizes) / sizes.length;
  const all = sum(parts.map(({ fraction, done }) => (fraction > 0 ? done / fraction : usual)));
  return all === 0 ? 1 : Math.min(1, sum(parts.map(({ done }) => done)) / all);
}

export function nodeProgress(plan: Plan, lanes: readonly LaneState[]): readonly NodeProgress[] {
  return plan.nodes.map(({ index, name, input }) => {
    const { position, read, matched, passedOver, late, bad, fraction } = nodeInAll(lanes, index);
    return { name, stream: input.label, position, read, matched, passedOver, late, bad, fraction };
  });
}
