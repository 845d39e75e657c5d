import { hasGroups } from '../../joins/join-kind.js';
import { type CallsAnswer, type LateAnswer, placeOf, type ViolationAnswer } from '../lane/answer.js';
import type { LaneMachine } from '../lane/lane-machine.js';
import type { LaneFold, LaneSpec, NodeSpec } from '../lane/lane-spec.js';
import { makeLane } from '../lane/make-lane.js';
import { rowsOf } from '../process/call-given.js';
import type { CallRows } from '../process/call-rows.js';
import type { StreamEnds } from '../resume/commit-text.js';
import { continued, type LaneVector } from '../resume/lane-vector.js';
import { endedAt, type ReadStream, TracedFeed } from './traced-feed.js';

/** The positions of a call's master elements. */
export interface CallPlace {
  readonly from: number;
  readonly to: number;
}

/** The trace of a lane without calls. */
export interface Trace {
  /** Per node, the number of elements that the lane took. */
  readonly taken: readonly number[];
  /** The calls that an element is part of. */
  readonly calls: ReadonlyMap<object, readonly CallPlace[]>;
  /** Elements that go to an unmatched method. */
  readonly unmatched: ReadonlySet<object>;
  readonly late: ReadonlySet<object>;
  readonly violation: ViolationAnswer | undefined;
  /** The position at which the run fails. */
  readonly failure: { readonly node: number; readonly position: number; readonly what: string } | undefined;
  /** The node whose end ended the lane. */
  readonly because: number | undefined;
  /** The lane is over; otherwise it waits for more of a stream that has not ended. */
  readonly isOver: boolean;
}

/** For a folded window, the elements are needed, too. */
const collecting: LaneFold = {
  initial: () => [],
  add: (list, element, row) => {
    (list as NotedRow[]).push({ element, groups: row?.groups as NotedRow['groups'] });
    return list;
  },
  copy: (element) => element,
};

/** What is known of the elements after some runs. */
interface Traces {
  readonly calls: Map<object, CallPlace[]>;
  readonly unmatched: Set<object>;
  readonly late: Set<object>;
}

/**
 * Feeds a lane on demand, as a run does, and records its answers. It is the same lane that runs mills, so the calls are
 * those of a run. `ends`: where the streams had ended in runs after which the lane continued.
 */
export function traceLane(spec: LaneSpec, streams: readonly ReadStream[], ends: readonly StreamEnds[]): Trace {
  const traces: Traces = { calls: new Map(), unmatched: new Set(), late: new Set() };
  let vector: LaneVector | undefined;
  for (const end of ends) {
    const { lane, ...trace } = traceRun(
      spec,
      streams.map((stream, node) => endedAt(stream, end[node])),
      vector,
      traces,
    );
    if (!trace.isOver) return trace;
    const { over: _, ...rest } = continued(lane.vector());
    vector = rest;
  }
  const { lane: _, ...trace } = traceRun(spec, streams, vector, traces);
  return trace;
}

/** Traces one run. */
function traceRun(
  { nodes, window, fold }: LaneSpec,
  streams: readonly ReadStream[],
  vector: LaneVector | undefined,
  traces: Traces,
): Trace & { readonly lane: LaneMachine } {
  const lane = makeLane({ nodes, window, fold: fold && collecting }, vector);
  const feeds = streams.map((stream, node) => new TracedFeed(node, stream, vector?.nodes[node]?.from));
  const { calls, unmatched, late } = traces;
  let violation: ViolationAnswer | undefined;
  let failure: Trace['failure'];
  let because: number | undefined;
  let isOver = false;
  const note = (element: object, place: CallPlace): void => {
    const known = calls.get(element);
    if (known === undefined) calls.set(element, [place]);
    else if (known.at(-1) !== place) known.push(place);
  };
  const feed = (needed: readonly number[]): boolean => {
    if (needed.some((node) => feeds[node]!.feed(lane))) return true;
    // As in a run: another stream may prove that this one is not needed.
    const node = needed.every((each) => feeds[each]!.hasFailed) ? needed[0] : undefined;
    if (node !== undefined)
      failure = { node, position: streams[node]!.failsAt as number, what: 'is not an element of its class' };
    return false;
  };
  for (let isMoving = true; isMoving; ) {
    const answer = lane.next();
    switch (answer.what) {
      case 'call':
        noteCall(nodes, answer, note);
        break;
      case 'calls':
        for (; answer.done < answer.count; answer.done++) noteNext(nodes, answer, note);
        break;
      case 'unmatched':
        unmatched.add(answer.element);
        break;
      case 'late':
        late.add((answer as LateAnswer).element);
        break;
      case 'need':
        isMoving = feed(answer.nodes);
        break;
      case 'violation':
        violation = { ...answer };
        failure = { node: answer.node, position: answer.position, what: 'breaks the order' };
        isMoving = false;
        break;
      case 'done':
        because = answer.because;
        isOver = true;
        isMoving = false;
        break;
      default:
        answer satisfies never;
    }
  }
  const { nodes: held } = lane.stats();
  const taken = feeds.map(({ fed }, node) => fed - held[node]!.waiting);
  return { taken, calls, unmatched, late, violation, failure, because, isOver, lane };
}

type Note = (element: object, place: CallPlace) => void;

/** An element with its groups. */
interface NotedRow {
  readonly element: object;
  readonly groups: readonly (readonly object[])[] | undefined;
}

function noteCall(
  nodes: readonly NodeSpec[],
  { elements, rows, folded, from, to }: CallRows & CallPlace,
  note: Note,
): void {
  const place = { from, to };
  const collected = (folded ?? []) as readonly NotedRow[];
  for (const element of elements) note(element, place);
  for (const { element } of collected) note(element, place);
  for (const row of [...rows, ...collected]) noteGroups(nodes, 0, row as NotedRow, place, note);
}

/** Notes the next of several calls. */
function noteNext(nodes: readonly NodeSpec[], answer: CallsAnswer, note: Note): void {
  const { from, to } = placeOf(answer, answer.done);
  noteCall(nodes, { ...rowsOf(answer, answer.done), from, to }, note);
}

function noteGroups(
  nodes: readonly NodeSpec[],
  node: number,
  { groups }: NotedRow,
  place: CallPlace,
  note: Note,
): void {
  const giving = giversOf(nodes, node);
  for (const [i, { child }] of giving.entries()) {
    const isLeaf = giversOf(nodes, child).length === 0;
    for (const member of groups?.[i] ?? []) {
      if (isLeaf) {
        note(member, place);
        continue;
      }
      note((member as NotedRow).element, place);
      noteGroups(nodes, child, member as NotedRow, place, note);
    }
  }
}

function giversOf(nodes: readonly NodeSpec[], node: number) {
  return nodes[node]!.edges.filter(({ kind }) => hasGroups(kind));
}
