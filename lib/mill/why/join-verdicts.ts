import { isDate } from '../../base/date.js';
import { compareKeys } from '../../expressions/key.js';
import { identityOf } from '../../expressions/key-identity.js';
import { kindRow, mayDrop } from '../../joins/join-kind.js';
import type { EdgeSpec, KeySource, NodeSpec } from '../lane/lane-spec.js';

/** An element that takes part in a join. */
export interface Taken {
  readonly node: number;
  readonly element: object;
  readonly position: number;
  /** The run ends before it is read. */
  readonly isUnread: boolean;
}

/** The edge on which an element fails: it has no match or, if it must not have one, this match. */
export interface Failure {
  readonly edge: EdgeSpec;
  readonly match: Taken | undefined;
}

/** The elements next to a band of keys, if there is none inside. */
export interface Neighbours {
  readonly below: Taken | undefined;
  readonly above: Taken | undefined;
  /** The number of elements inside that differ in a value of `on`. */
  readonly others: number;
}

/**
 * Evaluates a join on whole streams: slower than a lane and with more memory, but it knows the reason for each element.
 */
export class JoinVerdicts {
  private readonly known = new Map<Taken, Failure | undefined>();

  constructor(
    private readonly nodes: readonly NodeSpec[],
    /** Per node, in the order of its keys. */
    readonly taken: readonly (readonly Taken[])[],
  ) {}

  /** Why an element fails because of the edges below it; undefined if it survives. */
  failure(element: Taken): Failure | undefined {
    if (!this.known.has(element)) this.known.set(element, this.findFailure(element));
    return this.known.get(element);
  }

  /** The surviving child elements in a parent's group, or those that decide whether it survives. */
  group(edge: EdgeSpec, parent: Taken): readonly Taken[] {
    const inBand = this.children(edge).filter((child) => matches(edge, parent, child));
    const { pick } = edge.matching;
    if (pick === 'all') return inBand.filter((child) => this.failure(child) === undefined);
    const survives = (child: Taken): boolean => this.failure(child) === undefined;
    if (pick === 'first') return one(inBand.find(survives));
    if (pick === 'last') return one(inBand.findLast(survives));
    const left = keyOf(edge.left, parent);
    const before = inBand.findLast((child) => compareKeys(keyOf(edge.right, child), left) < 0 && survives(child));
    const after = inBand.find((child) => compareKeys(keyOf(edge.right, child), left) >= 0 && survives(child));
    if (before === undefined || after === undefined) return one(before ?? after);
    const isBefore = left - keyOf(edge.right, before) <= keyOf(edge.right, after) - left;
    return [isBefore ? before : after];
  }

  /** The parents that match the key of this child, whether they survive or not. */
  parents(parent: number, edge: EdgeSpec, child: Taken): readonly Taken[] {
    return (this.taken[parent] ?? []).filter((each) => matches(edge, each, child));
  }

  /** The child elements nearest to the keys of a parent on an edge. */
  aroundParent(edge: EdgeSpec, parent: Taken): Neighbours {
    return around(this.children(edge), (child) => sideOf(edge, parent, child));
  }

  /** The parent elements nearest to the key of a child. */
  aroundChild(parent: number, edge: EdgeSpec, child: Taken): Neighbours {
    return around(this.taken[parent] ?? [], (each) => -sideOf(edge, each, child));
  }

  private children(edge: EdgeSpec): readonly Taken[] {
    return this.taken[edge.child] ?? [];
  }

  private findFailure(element: Taken): Failure | undefined {
    for (const edge of (this.nodes[element.node] as NodeSpec).edges) {
      const row = kindRow(edge.kind);
      if (!mayDrop(row)) continue;
      const [match] = this.group(edge, element);
      if (match === undefined ? row.dropsWithoutMatch : row.dropsWithMatch) return { edge, match };
    }
    return undefined;
  }
}

/** The key for comparison: a Date by its milliseconds. */
export function keyOf(source: KeySource, { element }: Taken): any {
  const key = source.evaluate(element);
  return isDate(key) ? key.getTime() : key;
}

function matches(edge: EdgeSpec, parent: Taken, child: Taken): boolean {
  return sideOf(edge, parent, child) === 0 && hasEqualOthers(edge, parent, child);
}

/** Compares the child's key with the band of the parent: -1 below, 0 in, 1 above. */
function sideOf({ matching, left, right }: EdgeSpec, parent: Taken, child: Taken): number {
  const [from, key] = [keyOf(left, parent), keyOf(right, child)];
  if (compareKeys(key, matching.low(from)) < 0) return -1;
  return compareKeys(key, matching.high(from)) > 0 ? 1 : 0;
}

/** null equals nothing. */
function hasEqualOthers({ on }: EdgeSpec, parent: Taken, child: Taken): boolean {
  return on.every(([left, right]) => {
    const [one, other] = [left.evaluate(parent.element) as unknown, right.evaluate(child.element) as unknown];
    return one !== null && one !== undefined && other !== null && identityOf(one) === identityOf(other);
  });
}

function around(elements: readonly Taken[], side: (element: Taken) => number): Neighbours {
  const sides = elements.map(side);
  const [below, above] = [sides.lastIndexOf(-1), sides.indexOf(1)];
  return { below: elements[below], above: elements[above], others: sides.filter((each) => each === 0).length };
}

function one(element: Taken | undefined): readonly Taken[] {
  return element === undefined ? [] : [element];
}
