import type { CallPlace } from './traced-lane.js';

/**
 * The outcome of an element, and the reason why it gave no result.
 *
 * - `called`: it is part of calls; `unmatched`: it goes to the method for elements in no group.
 * - `passed over`: no element of its parent has its key; `no match`: no element of a child has the key that it needs,
 *   or those that have it do not survive themselves; `excluded`: an anti edge found a match.
 * - `not picked`: an as-of edge takes another element. `parent`: the elements that it belongs to give no call
 *   themselves.
 * - `selects`: it is on a semi edge, which only lets its parents through; `excludes`: it is on an anti edge.
 * - `bad`: it is not an element of its class. `late`: it breaks the order, and is skipped; `out of order`: the run
 *   fails there.
 * - `decided`: an earlier run had ended, and decided it: its window is closed, or its match came later.
 * - `not read`: the run ends before it. `no window`: no window takes it. `undecided`: it depends on elements still to
 *   come.
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
  | 'decided'
  | 'not read'
  | 'no window'
  | 'undecided';

/** An element on the other side of an edge, and its key there. */
export interface WhyNeighbour {
  readonly message: string;
  readonly position: number;
  readonly key: string;
}

/** The edge that decided the outcome. */
export interface WhyEdge {
  readonly parent: string;
  readonly child: string;
  /** The condition of the edge: `Order.time = Price.time`. */
  readonly condition: string;
  /** The key of the element itself. */
  readonly key: string;
  /** If nothing matches: the last element with lower keys, and the first one with higher keys. */
  readonly below: WhyNeighbour | undefined;
  readonly above: WhyNeighbour | undefined;
  /** The number of elements that have the key, but differ in a value of `on`, or do not survive themselves. */
  readonly others: number;
  /** The element that excludes it, or is taken instead of it. */
  readonly match: WhyNeighbour | undefined;
}

/** One element. */
export interface WhyElement {
  readonly message: string;
  readonly position: number;
  readonly lane: string;
  readonly reason: WhyReason;
  /** The same in words. */
  readonly sentence: string;
  readonly edge?: WhyEdge | undefined;
  /** The calls that it is part of: the first and the last position of their master elements. */
  readonly calls: readonly CallPlace[];
  /** The outcome of the first element that it belongs to, if that is the reason. */
  readonly parent?: WhyElement | undefined;
}

/** Why elements gave no result. `String(why)` is text, one line per element; `JSON.stringify(why)` is for programs. */
export class Why {
  constructor(
    /** The class of the elements. */
    readonly message: string,
    readonly stream: string,
    /** The number of selected elements. */
    readonly count: number,
    /** The first of them. */
    readonly elements: readonly WhyElement[],
  ) {}

  toString(): string {
    const areSeveral = this.elements.some(({ lane }) => lane !== this.elements[0]?.lane);
    const lines = this.elements.flatMap((element) => linesOf(element, '', areSeveral ? ` (lane ${element.lane})` : ''));
    const left = this.count - this.elements.length;
    if (this.count === 0) lines.push(`No element of ${this.message} (${this.stream}) is selected.`);
    if (left > 0) lines.push(`… and ${left} more`);
    return lines.join('\n');
  }
}

function linesOf({ message, position, sentence, parent }: WhyElement, indent: string, lane = ''): string[] {
  const line = `${indent}${message} ${position}${lane}: ${sentence}`;
  return parent === undefined ? [line] : [line, ...linesOf(parent, `${indent}  `)];
}
