import type { CallAnswer, LaneAnswer } from '../../lib/mill/lane/answer.js';
import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import type { LaneSpec, NodeSpec } from '../../lib/mill/lane/lane-spec.js';
import type { Row } from '../../lib/mill/lane/rows/row.js';
import type { LaneVector } from '../../lib/mill/resume/lane-vector.js';
import type { Element, TestEdge, TestMatch, TestNode, TestOrder, TestWindow } from '../oracle/tree.js';
import { laneSpec, type MakeMachine } from './harness.js';
import { makeOneByOne } from './one-by-one.js';

type Options = { order?: TestOrder; window?: TestWindow };

/** The master, `M`, with its edges. Keys are `t` everywhere; the left keys of a node below the master are `u`. */
export function master(edges: TestEdge[] = [], options: Options = {}): TestNode {
  return { name: 'M', order: { policy: 'fail' }, ...options, edges };
}

type EdgeOptions = { on?: boolean; unmatched?: boolean; order?: TestOrder; below?: TestEdge[] };

/** An edge to a child of this name. `on` compares the text after a slash: `C3/x`. */
export function edge(kind: TestEdge['kind'], match: TestMatch, name = 'C', options: EdgeOptions = {}): TestEdge {
  const { on, unmatched = false, order = { policy: 'fail' }, below = [] } = options;
  return {
    kind,
    match,
    left: 't',
    right: 't',
    on: on ? [['a', 'a']] : [],
    unmatched,
    child: { name, order, edges: below.map((one) => ({ ...one, left: 'u' })) },
  };
}

export const equally: TestMatch = { type: 'equal' };
export const within = (low: number, high: number): TestMatch => ({ type: 'within', low, high });
export const asOf = (direction: 'backward' | 'forward' | 'nearest', tolerance?: number): TestMatch => ({
  type: 'asOf',
  direction,
  tolerance,
});

/**
 * Parses `C3b/x:5` as an element: of node C, with key 3, the `on` value x and the left key 5 (default: 3); `b`
 * distinguishes it from others with this key. `C?` has no valid key.
 */
export function elementOf(id: string): Element {
  const [, key, on, left] = /^[A-Z](-?\d+|\?)[a-z]?(?:\/([a-z]))?(?::(\d+))?$/.exec(id) as unknown as string[];
  const t = key === '?' ? null : Number(key);
  return { id, t, u: left === undefined ? t : Number(left), a: on ?? null };
}

/**
 * A lane that is fed manually, one element after the other, and returns its output after each. With `clock`, a clock
 * closes its windows.
 */
export class Script {
  readonly lane: LaneMachine;
  private readonly spec: LaneSpec;
  private readonly names: string[];
  private readonly at: number[];
  private isOver = false;

  constructor(root: TestNode, options: { vector?: LaneVector; make?: MakeMachine; clock?: boolean } = {}) {
    const { vector, make = makeOneByOne, clock = false } = options;
    const { spec, names } = laneSpec(root, 'number', clock ? () => undefined : undefined);
    this.spec = spec;
    this.names = names;
    this.lane = make(spec, vector);
    this.at = names.map((_, i) => vector?.nodes[i]?.from ?? 0);
  }

  /** Feeds `C3`, or ends a stream by `C.`, or times out with the key of `timeout:3`. Returns the output as text. */
  feed(what: string): string[] {
    if (what.startsWith('timeout')) {
      const key = what.split(':')[1];
      this.lane.timeout(key === undefined ? undefined : Number(key));
      return this.answers();
    }
    const node = this.names.indexOf(what[0] as string);
    if (what[1] === '.') this.lane.end(node);
    else this.lane.feed(node, [elementOf(what)], (this.at[node] as number)++);
    return this.answers();
  }

  /** Returns the output of the lane until it needs more. */
  answers(): string[] {
    const given: string[] = [];
    while (!this.isOver) {
      const answer = this.lane.next();
      if (answer.what === 'need') break;
      if (answer.what === 'done' || answer.what === 'violation') this.isOver = true;
      given.push(this.show(answer));
    }
    return given;
  }

  show(answer: LaneAnswer): string {
    switch (answer.what) {
      case 'call':
        return this.showCall(answer);
      case 'unmatched':
        return `unmatched ${(answer.element as Element).id}`;
      case 'late':
        return `late ${(answer.element as Element).id}`;
      case 'violation':
        return `violation of ${this.names[answer.node]} at ${answer.position}: ${answer.problem}`;
      default:
        return answer.what;
    }
  }

  private showCall({ elements, rows }: CallAnswer): string {
    const texts =
      rows.length === 0
        ? elements.map((element) => (element as Element).id)
        : rows.map((row) => showRow(this.spec, 0, row));
    return this.spec.window === undefined ? texts.join() : `(${texts.join(' ')})`;
  }
}

function showRow(spec: LaneSpec, node: number, row: Row | Element): string {
  const giving = (spec.nodes[node] as NodeSpec).edges.filter((one) => one.kind === 'inner' || one.kind === 'left');
  if (giving.length === 0) return (row as Element).id;
  const { element, groups } = row as Row;
  const texts = giving.map((one, i) => (groups as Row[][])[i]?.map((child) => showRow(spec, one.child, child)));
  return (element as Element).id + texts.map((group) => `[${group?.join(' ')}]`).join('');
}

/**
 * Plays a table, one step per line: the fed elements and, after `>`, the expected output, separated by `;`. Returns the
 * table as played and as written.
 */
export function play(root: TestNode, table: string, make?: MakeMachine): { played: string[]; written: string[] } {
  const script = new Script(root, { make });
  const lines = table
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const played = lines.map((line) => {
    const fed = (line.split(' ')[0] as string).trim();
    const given = script.feed(fed);
    return given.length === 0 ? fed : `${fed} > ${given.join('; ')}`;
  });
  return { played, written: lines };
}
