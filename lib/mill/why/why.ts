import type { CallPlace } from './traced-lane.js';

/**
 * What became of an element, and why it gave no result.
 *
 * - `called`: it is given to calls; `unmatched`: to the method for elements in no group.
 * - `passed over`: no element of its parent has its key; `no match`: nothing of a child has the key that it needs, or what
 *   has does not survive itself; `excluded`: an anti edge found a match.
 * - `not picked`: an as-of edge takes another one. `parent`: the elements that it belongs to give no call themselves.
 * - `selects`: it is on a semi edge, which lets its parents through and gives calls nothing; `excludes`: on an anti edge.
 * - `bad`: it is not an element of its class. `late`: it breaks the order, and is skipped; `out of order`: the run fails there.
 * - `not read`: the run ends before it. `no window`: no window takes it. `undecided`: more has to come first.
 */
export type WhyReason =
  | 'called'
  | 'unmatched'
  | 'passed over'
  | 'no match'
  | 'excluded'
  | 'not picked'
  | 'parent'
  | 'selects'
  | 'excludes'
  | 'bad'
  | 'late'
  | 'out of order'
  | 'not read'
  | 'no window'
  | 'undecided';

/** An element on the other side of an edge, and the key that it has there. */
export interface WhyNeighbour {
  readonly message: string;
  readonly position: number;
  readonly key: string;
}

/** The edge on which it was decided. */
export interface WhyEdge {
  readonly parent: string;
  readonly child: string;
  /** What it matches: `Order.time = Price.time`. */
  readonly condition: string;
  /** The key of the element itself. */
  readonly key: string;
  /** Where nothing matches: the last element with lower keys, and the first one with higher keys. */
  readonly below: WhyNeighbour | undefined;
  readonly above: WhyNeighbour | undefined;
  /** How many have the key, and differ in a value of `on`, or do not survive themselves. */
  readonly others: number;
  /** What excludes it, or is taken instead of it. */
  readonly match: WhyNeighbour | undefined;
}

/** One element. */
export interface WhyElement {
  readonly message: string;
  readonly position: number;
  readonly lane: string;
  readonly reason: WhyReason;
  /** The same for people. */
  readonly sentence: string;
  readonly edge?: WhyEdge | undefined;
  /** The calls that it is given to: the first and the last position of their master elements. */
  readonly calls: readonly CallPlace[];
  /** Of the first element that it belongs to, where that is the reason. */
  readonly parent?: WhyElement | undefined;
}

/** Why elements gave no result. `String(why)` is for people, a line for each; `JSON.stringify(why)` for programs. */
export class Why {
  constructor(
    /** The class that was asked about. */
    readonly message: string,
    readonly stream: string,
    /** How many elements were meant. */
    readonly count: number,
    /** The first of them. */
    readonly elements: readonly WhyElement[],
  ) {}

  toString(): string {
    const lines = this.elements.flatMap((element) => linesOf(element, ''));
    const left = this.count - this.elements.length;
    if (this.count === 0) lines.push(`No element of ${this.message} (${this.stream}) is meant.`);
    if (left > 0) lines.push(`… and ${left} more`);
    return lines.join('\n');
  }
}

function linesOf({ message, position, sentence, parent }: WhyElement, indent: string): string[] {
  const line = `${indent}${message} ${position}: ${sentence}`;
  return parent === undefined ? [line] : [line, ...linesOf(parent, `${indent}  `)];
}
