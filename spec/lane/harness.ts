import type { Key } from '../../lib/expressions/key.js';
import type { KeyDistance } from '../../lib/joins/distance.js';
import { asOf } from '../../lib/joins/matching/as-of.js';
import { equal } from '../../lib/joins/matching/equal.js';
import type { Matching } from '../../lib/joins/matching/matching.js';
import { within } from '../../lib/joins/matching/within.js';
import type { WindowDescription } from '../../lib/joins/windows/window.js';
import type { CallAnswer } from '../../lib/mill/lane/answer.js';
import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import type { KeySource, LaneFold, LaneSpec, NodeSpec } from '../../lib/mill/lane/lane-spec.js';
import type { Row } from '../../lib/mill/lane/rows/row.js';
import type { LaneVector } from '../../lib/mill/resume/lane-vector.js';
import { instantOf } from '../oracle/calendar.js';
import type { Data, Element, Expected, Shown, TestMatch, TestNode, TestWindow } from '../oracle/tree.js';
import { Random } from '../support/random.js';
import { makeOneByOne } from './one-by-one.js';

/** The type of the keys that the lane gets for the numbers of a test tree. */
export type KeyKind = 'number' | 'bigint' | 'Date';

/** Returns the lane's description of a test tree. */
export function laneSpec(
  root: TestNode,
  keys: KeyKind = 'number',
  onTimeout?: () => unknown,
): { spec: LaneSpec; names: string[] } {
  const { key, matching, window, distance } = describingFor(root, keys);
  const nodes: NodeSpec[] = [];
  const visit = (node: TestNode): number => {
    const index = nodes.push(undefined as unknown as NodeSpec) - 1;
    nodes[index] = {
      name: node.name,
      order:
        node.order.policy === 'slack'
          ? { policy: 'slack', slack: distance(node.order.slack), by: key(node.order.by) }
          : node.order,
      edges: node.edges.map((edge) => ({
        child: visit(edge.child),
        kind: edge.kind,
        matching: matching(edge.match),
        left: key(edge.left),
        right: key(edge.right),
        on: edge.on.map(([left, right]) => [key(left), key(right)] as const),
        unmatched: edge.unmatched,
      })),
    };
    return index;
  };
  visit(root);
  const spec: LaneSpec = { nodes, window: root.window && window(root.window, onTimeout), fold: undefined };
  const fold = root.window?.folded ? listing(spec) : undefined;
  return { spec: { ...spec, fold }, names: nodes.map((node) => node.name) };
}

/** A fold whose accumulator is the text of the elements. */
function listing(spec: LaneSpec): LaneFold {
  return {
    initial: () => [],
    add: (list, element, row) => {
      const { groups } = row === undefined ? { groups: [] } : show(spec, 0, row);
      return [...(list as Shown[]), { id: (element as Element).id, groups }];
    },
    copy: (element) => ({ ...element }),
  };
}

/** Keys, matchings and windows over keys of one type. */
function describing(toKey: (number: number) => Key, distance: (number: number) => KeyDistance) {
  const convert = (value: any): any => {
    if (Array.isArray(value)) return value.map(convert);
    return Number.isFinite(value) ? toKey(value) : value;
  };
  const key = (field: string): KeySource => ({
    evaluate: (element) => convert(element[field]),
    toString: () => field,
  });
  const matching = (match: TestMatch): Matching => {
    if (match.type === 'equal') return equal;
    if (match.type === 'within') return within(distance(match.low), distance(match.high));
    return asOf(match.direction, match.tolerance === undefined ? undefined : distance(match.tolerance));
  };
  const window = ({ by, folded, ...described }: TestWindow, onTimeout?: () => unknown): WindowDescription => {
    const split = by === undefined ? {} : { by: key(by) };
    if (described.type === 'calendar') {
      const { type, unit, zone } = described;
      return { type, unit, zone, ...split, key: key(described.key) } as WindowDescription;
    }
    if (described.type === 'count' || described.type === 'batch')
      return { ...described, ...split } as WindowDescription;
    const distances = Object.entries(described).map(([name, value]) => [
      name,
      typeof value === 'number' ? distance(value) : value,
    ]);
    return { ...Object.fromEntries(distances), ...split, key: key(described.key), onTimeout };
  };
  return { key, matching, window, distance };
}

const descriptions = {
  number: describing(
    (number) => number,
    (number) => number,
  ),
  bigint: describing(BigInt, BigInt),
  Date: describing(
    (number) => new Date(number),
    (number) => number,
  ),
};

/** Returns the keys for a tree: a calendar defines the instants of its numbers. */
function describingFor({ window }: TestNode, keys: KeyKind): ReturnType<typeof describing> {
  if (window?.type !== 'calendar') return descriptions[keys];
  return describing(
    (number) => new Date(instantOf(window, number)),
    (number) => number * window.step,
  );
}

/** The output of a lane, its vectors between answers, and its end. */
export interface Run {
  given: Expected[];
  late: string[];
  vectors: Moment[];
  last: 'done' | 'violation';
  /** The place of a violation that ended the lane, in the form of `late`. */
  broken: string | undefined;
  /** Per node the position up to which it was read. */
  unread: number[];
}

export interface Moment {
  readonly step: number;
  /** The number of calls and late elements before. */
  readonly given: number;
  readonly late: number;
  readonly vector: LaneVector;
}

export type MakeMachine = (spec: LaneSpec, vector?: LaneVector) => LaneMachine;

export interface RunOptions {
  readonly vector?: LaneVector;
  /** The number of answers of which the vector is kept. Default: all. */
  readonly keep?: number;
  readonly make?: MakeMachine;
  readonly keys?: KeyKind;
  /** Positions have gaps, like those of a topic with transactions. */
  readonly gaps?: boolean;
  /** The numbers of elements fed at once. */
  readonly batches?: readonly number[];
  /** Undoes this call (the first is 1), and stops there; the vector is the last one kept. */
  readonly retract?: number;
  /** How often a need is also answered by a timeout. */
  readonly timeouts?: number;
}

/** A key that no element has. */
const keyOfNobody = -1;

/**
 * Returns the result of a timeout: a key that closes an expression window, or the opening up to which batches are
 * closed.
 */
function closedByClock({ window }: TestNode): unknown {
  return window?.type === 'batch' ? Number.POSITIVE_INFINITY : keyOfNobody;
}

/** Returns the position of an index. With gaps, two positions without elements follow every second one. */
function positionOf(index: number, gaps: boolean): number {
  return gaps ? index + (index >> 1) * 2 : index;
}

/** The first index with this position or a higher one. */
function indexFrom(position: number, gaps: boolean): number {
  return gaps ? Math.floor(position / 4) * 2 + Math.min(position % 4, 2) : position;
}

/** Runs a lane to its end from the positions of a vector, feeding random chunks at random moments. */
export function run(root: TestNode, data: Data, random: Random, options: RunOptions = {}): Run {
  const { vector, keep = 1, make = makeOneByOne, gaps = false } = options;
  const { spec, names } = laneSpec(root, options.keys, options.timeouts === undefined ? undefined : () => keyOfNobody);
  const lane = make(spec, vector);
  const keeping = new Random(random.seed + 1);
  const result: Run = { given: [], late: [], vectors: [], last: 'done', broken: undefined, unread: [] };
  const feeder = new RandomFeeder(lane, names, data, random, options);
  const masters = data[names[0] as string] as Element[];
  const place = ({ node, position }: { node: number; position: number }): string => {
    const index = indexFrom(position, gaps);
    if (positionOf(index, gaps) !== position) throw new Error(`${names[node]} has no element at ${position}`);
    return `${names[node]} ${index}`;
  };
  const remember = (step: number): void => {
    if (!keeping.chance(keep)) return;
    const text = JSON.stringify(lane.vector());
    result.vectors.push({ step, given: result.given.length, late: result.late.length, vector: JSON.parse(text) });
  };
  remember(0);
  for (let step = 1; ; step++) {
    if (step > 5000) throw new Error('the lane makes no progress');
    feeder.feedAhead();
    const answer = lane.next();
    if (answer.what === 'call') {
      result.given.push({ call: shownCall(spec, answer) });
      const elements = answer.folded === undefined ? answer.elements : namedBy(answer.folded as Shown[], masters);
      checkPositions({ ...answer, elements }, (element) => positionOf(masters.indexOf(element as Element), gaps));
    }
    if (answer.what === 'unmatched') {
      result.given.push({ unmatched: names[answer.node] as string, id: (answer.element as Element).id });
    }
    if (answer.what === 'late') result.late.push(place(answer));
    if (answer.what === 'violation') result.broken = place(answer);
    if ((answer.what === 'call' || answer.what === 'unmatched') && result.given.length === options.retract) {
      lane.retract();
      remember(step);
      return result;
    }
    remember(step);
    if (answer.what === 'need') {
      feeder.help(answer.nodes);
      if (options.timeouts !== undefined && random.chance(options.timeouts)) lane.timeout(closedByClock(root));
    }
    if (answer.what === 'done' || answer.what === 'violation') {
      return { ...result, last: answer.what, unread: lane.nodes.map((node) => indexFrom(node.inbox.unread, gaps)) };
    }
  }
}

function namedBy(list: readonly Shown[], elements: readonly Element[]): Element[] {
  return list.map(({ id }) => elements.find((element) => element.id === id) as Element);
}

function checkPositions({ elements, from, to }: CallAnswer, positionOf: (element: object) => number): void {
  const positions = elements.map(positionOf);
  const [lowest, highest] = [Math.min(...positions), Math.max(...positions)];
  if (from === lowest && to === highest) return;
  throw new Error(`a call says that it is from ${from} to ${to}, and is from ${lowest} to ${highest}`);
}

/** Feeds a lane with the elements that it needs, and more, in chunks. */
class RandomFeeder {
  private readonly gaps: boolean;
  private readonly batches: readonly number[];
  /** Batches are fed as parts of one array. */
  private readonly inPlace: boolean;
  private readonly at: number[];
  private readonly ended = new Set<number>();
  private readonly eager: number;

  constructor(
    private readonly lane: LaneMachine,
    private readonly names: string[],
    private readonly data: Data,
    private readonly random: Random,
    { vector, gaps = false, batches = [1, 1, 2, 7] }: RunOptions,
  ) {
    this.gaps = gaps;
    this.batches = batches;
    this.at = names.map((_, i) => indexFrom(vector?.nodes[i]?.from ?? 0, gaps));
    this.inPlace = random.chance(0.5);
    this.eager = random.pick([0, 0, 0.5, 1]);
  }

  feedAhead(): void {
    if (this.random.chance(this.eager)) this.feed(this.random.int(this.names.length));
  }

  help(nodes: readonly number[]): void {
    if (nodes.every((node) => this.ended.has(node))) throw new Error('the lane needs more of ended nodes');
    this.feed(this.random.chance(0.8) ? (nodes[0] as number) : this.random.int(this.names.length));
  }

  private feed(node: number): void {
    const at = this.at[node] as number;
    const all = this.data[this.names[node] as string] as Element[];
    const elements = all.slice(at, at + this.random.pick(this.batches));
    if (elements.length === 0) {
      this.lane.end(node);
      this.ended.add(node);
      return;
    }
    const positions = this.gaps ? all.map((_, i) => positionOf(i, true)) : undefined;
    const to = at + elements.length;
    if (this.inPlace) this.lane.feed(node, all, 0, positions, at, to);
    else this.lane.feed(node, elements, positionOf(at, this.gaps), positions?.slice(at, to));
    this.at[node] = to;
  }
}

export function shownCall(spec: LaneSpec, { elements, rows, folded }: CallAnswer): Shown[] {
  if (folded !== undefined) return folded as Shown[];
  if (rows.length === 0) return elements.map((element) => ({ id: (element as Element).id, groups: [] }));
  if (rows.length !== elements.length || rows.some((row, i) => row.element !== elements[i])) {
    throw new Error('the rows of a call are not those of its elements');
  }
  return rows.map((row) => show(spec, 0, row));
}

function show(spec: LaneSpec, node: number, row: Row | Element): Shown {
  const giving = (spec.nodes[node] as NodeSpec).edges.filter((edge) => edge.kind === 'inner' || edge.kind === 'left');
  if (giving.length === 0) return { id: (row as Element).id, groups: [] };
  const { element, groups } = row as Row;
  return {
    id: (element as Element).id,
    groups: giving.map((edge, i) => (groups as Row[][])[i]?.map((child) => show(spec, edge.child, child)) as Shown[]),
  };
}
