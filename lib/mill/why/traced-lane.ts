import { hasGroups } from '../../joins/join-kind.js';
import { type CallsAnswer, type LateAnswer, placeOf, type ViolationAnswer } from '../lane/answer.js';
import type { LaneSpec, NodeSpec } from '../lane/lane-spec.js';
import { makeLane } from '../lane/make-lane.js';
import { rowsOf } from '../process/call-given.js';
import type { CallRows } from '../process/call-rows.js';
import { type ReadStream, TracedFeed } from './traced-feed.js';

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

/**
 * Feeds a lane on demand, as a run does, and records its answers. It is the same lane that runs mills, so the calls are
 * those of a run.
 */
export function traceLane({ nodes, window }: LaneSpec, streams: readonly ReadStream[]): Trace {
  // For a folded window, the elements are needed, too.
  const lane = makeLane({ nodes, window });
  const feeds = streams.map((stream, node) => new TracedFeed(node, stream));
  const calls = new Map<object, CallPlace[]>();
  const unmatched = new Set<object>();
  const late = new Set<object>();
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
  return { taken, calls, unmatched, late, violation, failure, because, isOver };
}

type Note = (element: object, place: CallPlace) => void;

/** An element with its groups. */
interface NotedRow {
  readonly element: object;
  readonly groups: readonly (readonly object[])[] | undefined;
}

function noteCall(nodes: readonly NodeSpec[], { elements, rows, from, to }: CallRows & CallPlace, note: Note): void {
  const place = { from, to };
  for (const element of elements) note(element, place);
  for (const row of rows) noteGroups(nodes, 0, row as NotedRow, place, note);
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
