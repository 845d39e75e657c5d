import { comparable, compareKeys, type Key, keyType } from '../../expressions/key.js';
import type { KeyDistance } from '../../joins/distance.js';
import { shiftKey } from '../../joins/matching/matching.js';
import type { EdgeSpec, KeySource, LaneSpec, NodeSpec, OrderPolicy } from '../lane/lane-spec.js';
import { keyOf, type Taken } from './join-verdicts.js';

/** The keys of a node, by their requirements. */
export interface NodeSources {
  /** They must not decrease. */
  readonly ordered: readonly KeySource[];
  /** They must be keys. */
  readonly equal: readonly KeySource[];
  /** They must be keys, or null. */
  readonly nullable: readonly KeySource[];
}

export function sourcesOf({ nodes, window }: LaneSpec, node: number, up: EdgeSpec | undefined): NodeSources {
  const { edges, order } = nodes[node] as NodeSpec;
  const ordered = edges.map(({ left }) => left);
  if (up !== undefined) ordered.push(up.right);
  if (order.policy === 'slack') ordered.unshift(order.by);
  const equal: KeySource[] = [];
  if (node === 0 && window !== undefined) {
    if ('key' in window) (window.type === 'expression' ? equal : ordered).push(window.key);
    if (window.by !== undefined) equal.push(window.by);
  }
  const nullable = [
    ...edges.flatMap(({ on }) => on.map(([left]) => left)),
    ...(up?.on.map(([, right]) => right) ?? []),
  ];
  return { ordered, equal, nullable };
}

/**
 * The elements of a stream that take part in a join, in the order of the node's keys. A lane that ends early has not
 * checked all of them; this applies the same rule to whole streams.
 */
export function inTime({ order }: NodeSpec, sources: NodeSources, elements: readonly Taken[]): readonly Taken[] {
  const { ordered } = sources;
  const isKeyed = (element: Taken): boolean => withoutKey(sources, element) === undefined;
  if (order.policy === 'fail') {
    const keeps = keepsOrder(ordered, 0);
    const failed = elements.findIndex((element) => !isKeyed(element) || !keeps(element));
    return failed < 0 ? elements : elements.slice(0, failed);
  }
  if (order.policy === 'skip') return elements.filter(isKeyed).filter(keepsOrder(ordered, 0));
  const { by, slack } = order;
  const kept = elements.filter(isKeyed).filter(keepsOrder([by], slack));
  kept.sort((a, b) => compareKeys(keyOf(by, a), keyOf(by, b)) || a.position - b.position);
  return kept.filter(keepsOrder(ordered.slice(1), 0));
}

/** The first source for which an element has no valid key. */
export function withoutKey({ ordered, equal, nullable }: NodeSources, { element }: Taken): KeySource | undefined {
  const hasKey = (source: KeySource): boolean => keyType(source.evaluate(element)) !== undefined;
  const isNull = (source: KeySource): boolean => (source.evaluate(element) ?? undefined) === undefined;
  return (
    [...ordered, ...equal].find((source) => !hasKey(source)) ??
    nullable.find((source) => !isNull(source) && !hasKey(source))
  );
}

/** How far a key of this source may be below the highest one before it. */
export function slackOf(order: OrderPolicy, source: KeySource): KeyDistance {
  return order.policy === 'slack' && order.by === source ? order.slack : 0;
}

/** Whether an element in time comes before one that is late, with a key that makes it late. */
export function makesLate(order: OrderPolicy, source: KeySource, other: Taken, late: Taken): boolean {
  const [key, high] = [keyOf(source, late) as Key, keyOf(source, other) as Key];
  const isReordered = order.policy === 'slack' && order.by !== source;
  const distance = isReordered ? compareKeys(keyOf(order.by, other), keyOf(order.by, late)) : 0;
  if ((distance || other.position - late.position) > 0) return false;
  return !comparable(key, high) || compareKeys(key, lowered(high, slackOf(order, source))) < 0;
}

/** Makes a filter for consecutive elements: each key must be at most `slack` below the highest one that was kept. */
function keepsOrder(sources: readonly KeySource[], slack: KeyDistance): (element: Taken) => boolean {
  const highs: Key[] = [];
  return (element) => {
    const keys = sources.map((source) => keyOf(source, element) as Key);
    const isLow = (key: Key, i: number): boolean => {
      const high = highs[i];
      if (high === undefined) return false;
      return !comparable(key, high) || compareKeys(key, lowered(high, slack)) < 0;
    };
    if (keys.some(isLow)) return false;
    for (const [i, key] of keys.entries()) if (highs[i] === undefined || compareKeys(key, highs[i]) > 0) highs[i] = key;
    return true;
  };
}

function lowered(high: Key, slack: KeyDistance): Key {
  return slack === 0 || slack === 0n ? high : shiftKey(high, -slack);
}
