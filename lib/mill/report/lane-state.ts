import type { StepCounts } from '../plan/made-process.js';
import type { Plan } from '../plan/plan.js';
import type { LaneVector } from '../resume/lane-vector.js';
import type { EndReason } from './end-reason.js';
import { commitBounds, Histogram } from './histogram.js';

/** The current state of one node of a lane. */
export interface NodeState {
  /** The position to read next, in the broker's terms. */
  readonly position: number;
  readonly read: number;
  readonly matched: number;
  readonly passedOver: number;
  readonly late: number;
  readonly bad: number;
  /** The part of its stream that was read, 0 to 1, if the broker knows. */
  readonly fraction: number | undefined;
  /** The first and the last element read. */
  readonly first: object | undefined;
  readonly last: object | undefined;
  /** The elements in memory: see `LaneStats`. */
  readonly held: number;
  readonly waiting: number;
  /** The number of further elements, if the broker knows. */
  readonly lag: number | undefined;
  /** The total time that the lane has waited for it, even if another stream would have helped. Milliseconds. */
  readonly waitedMs: number;
}

/** When a lane committed, and how long it took. */
interface CommitTimes {
  /** The duration of each commit, from making the last results durable on. */
  readonly seconds: Histogram;
  /**
   * The time of the last commit or, before the first, the time when the lane was opened; undefined if nothing is
   * remembered.
   */
  readonly lastAt: number | undefined;
  /** The lane has done something since then that is not committed. */
  readonly isBehind: boolean;
}

/** The current state of a lane. */
export interface LaneState {
  /** In the order of the plan. */
  readonly nodes: readonly NodeState[];
  readonly calls: number;
  readonly unmatchedCalls: number;
  readonly failedCalls: number;
  /** The number of calls that did not wait for a silent stream. */
  readonly forcedCalls: number;
  /** The number of calls whose results are not saved yet. */
  readonly openCalls: number;
  /** The number of master elements in open windows. */
  readonly inWindows: number;
  readonly commits: CommitTimes;
  /** For a flow: the counts of its stateful steps. */
  readonly steps: readonly StepCounts[];
  /** Per output of the plan. */
  readonly written: readonly number[];
  readonly ended: EndReason | undefined;
  /** It has ended or failed, and everything that it opened is closed. */
  readonly isOver: boolean;
  /** The node whose end ended the lane. */
  readonly because: number | undefined;
  readonly partialResults: string | undefined;
}

/** The state of a lane that an earlier run had ended. */
export function endedBefore(plan: Plan, vector: LaneVector): LaneState {
  return {
    nodes: vector.nodes.map(({ from }) => ({ ...nothing, position: from, fraction: 1 })),
    calls: 0,
    unmatchedCalls: 0,
    failedCalls: 0,
    forcedCalls: 0,
    openCalls: 0,
    steps: [],
    inWindows: 0,
    commits: { seconds: new Histogram(commitBounds), lastAt: undefined, isBehind: false },
    written: plan.outputs.map(() => 0),
    ended: 'already ended',
    isOver: true,
    because: undefined,
    partialResults: undefined,
  };
}

const nothing: NodeState = {
  position: 0,
  read: 0,
  matched: 0,
  passedOver: 0,
  late: 0,
  bad: 0,
  fraction: undefined,
  first: undefined,
  last: undefined,
  held: 0,
  waiting: 0,
  lag: undefined,
  waitedMs: 0,
};

/** The state of a lane that this process had before, and has again: counts continue, the rest is that of now. */
export function continuedFrom(before: LaneState, now: LaneState): LaneState {
  const seconds = Histogram.sumOf([before.commits.seconds, now.commits.seconds]);
  return {
    ...now,
    nodes: now.nodes.map((node, i) => continuedNode(before.nodes[i] ?? nothing, node)),
    calls: before.calls + now.calls,
    unmatchedCalls: before.unmatchedCalls + now.unmatchedCalls,
    failedCalls: before.failedCalls + now.failedCalls,
    forcedCalls: before.forcedCalls + now.forcedCalls,
    commits: { ...now.commits, seconds },
    steps: stepsInAll([{ steps: before.steps.map((step) => ({ ...step, kept: 0 })) }, now]),
    written: now.written.map((count, i) => count + (before.written[i] ?? 0)),
    partialResults: now.partialResults ?? before.partialResults,
  };
}

function continuedNode(before: NodeState, now: NodeState): NodeState {
  return {
    ...now,
    read: before.read + now.read,
    matched: before.matched + now.matched,
    passedOver: before.passedOver + now.passedOver,
    late: before.late + now.late,
    bad: before.bad + now.bad,
    first: before.first ?? now.first,
    last: now.last ?? before.last,
    waitedMs: before.waitedMs + now.waitedMs,
  };
}

/** The state of a node over all lanes. Its position is that of the only lane; undefined with several. */
export function nodeInAll(
  lanes: readonly LaneState[],
  index: number,
): Omit<NodeState, 'position' | 'first' | 'last'> & { position?: number } {
  const stateIn = ({ nodes }: LaneState): NodeState => nodes[index] ?? nothing;
  const states = lanes.map(stateIn);
  const [only] = states;
  // Another process reads on in a lane that was taken away.
  const own = lanes.filter(({ ended }) => ended !== 'revoked').map(stateIn);
  return {
    ...(states.length === 1 && only !== undefined && { position: only.position }),
    read: sum(states.map((state) => state.read)),
    matched: sum(states.map((state) => state.matched)),
    passedOver: sum(states.map((state) => state.passedOver)),
    late: sum(states.map((state) => state.late)),
    bad: sum(states.map((state) => state.bad)),
    fraction: average((own.length > 0 ? own : states).map((state) => state.fraction)),
    held: sum(states.map((state) => state.held)),
    waiting: sum(states.map((state) => state.waiting)),
    lag: lagOf(states),
    waitedMs: sum(states.map((state) => state.waitedMs)),
  };
}

/** The sum over lanes whose lag the broker knows. */
function lagOf(states: readonly NodeState[]): number | undefined {
  const known = states.flatMap(({ lag }) => lag ?? []);
  return known.length === 0 ? undefined : sum(known);
}

/** The counts of each step over all lanes. */
export function stepsInAll(lanes: readonly Pick<LaneState, 'steps'>[]): StepCounts[] {
  const steps = new Map<string, StepCounts>();
  for (const { name, late, kept } of lanes.flatMap((lane) => lane.steps)) {
    const before = steps.get(name) ?? { late: 0, kept: 0 };
    steps.set(name, { name, late: before.late + late, kept: before.kept + kept });
  }
  return [...steps.values()];
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function average(fractions: readonly (number | undefined)[]): number | undefined {
  const known = fractions.filter((fraction) => fraction !== undefined);
  return known.length === 0 || known.length < fractions.length ? undefined : sum(known) / known.length;
}
