import { Random } from '../support/random.js';
import {
  type Data,
  type Element,
  nodesOf,
  onFields,
  orderedFields,
  type TestEdge,
  type TestMatch,
  type TestNode,
  type TestOrder,
  type TestWindow,
} from './tree.js';

/** The limits of random cases. The defaults are everything. */
export interface CaseLimits {
  maxNodes?: number;
  depth?: number;
  length?: number;
  kinds?: TestEdge['kind'][];
  matches?: TestMatch['type'][];
  policies?: boolean;
  /** The order policies to choose from, instead of mostly `fail`. */
  orders?: TestOrder['policy'][];
  /** Elements of `fail` nodes may break the order too. */
  disorder?: boolean;
  windows?: number;
  windowTypes?: TestWindow['type'][];
  /** The probability that a window is split by a value. */
  by?: number;
  /** The probability that it is folded. */
  folded?: number;
  unmatched?: number;
  on?: number;
  /** The probability that a stream has `on` values of several types. */
  mixed?: number;
}

export interface RandomCase {
  readonly seed: number;
  readonly root: TestNode;
  readonly data: Data;
}

export function randomCase(seed: number, limits: CaseLimits = {}): RandomCase {
  const random = new Random(seed);
  const root = randomTree(random, limits);
  return { seed, root, data: randomData(random, root, limits) };
}

function randomTree(random: Random, limits: CaseLimits): TestNode {
  let count = 0;
  const maxNodes = limits.maxNodes ?? 6;
  const make = (depth: number, up: TestEdge | undefined): TestNode => {
    const node: TestNode = { name: `N${count++}`, order: { policy: 'fail' }, edges: [] };
    if (limits.policies !== false) node.order = randomOrder(random, limits);
    // Usually the one key of a reordered node; sometimes another one, which must be in order after reordering.
    const field = (name: string): string => (node.order.policy === 'slack' && !random.chance(0.15) ? 't' : name);
    if (up !== undefined) up.right = field('r');
    const edges = depth === 0 ? random.int(4) : depth >= (limits.depth ?? 4) ? 0 : random.pick([0, 0, 1, 1, 2]);
    for (let i = 0; i < edges && count < maxNodes; i++)
      node.edges.push(randomEdge(random, limits, field(`l${i}`), depth, make));
    if (depth === 0 && random.chance(limits.windows ?? 0.5))
      node.window = splitWindow(random, limits, randomWindow(random, limits, node, field('w')));
    return node;
  };
  return make(0, undefined);
}

function randomOrder(random: Random, { orders }: CaseLimits): TestOrder {
  const chosen = random.float();
  const policy = orders ? random.pick(orders) : chosen < 0.15 ? 'slack' : chosen < 0.28 ? 'skip' : 'fail';
  return policy === 'slack' ? { policy, slack: random.int(4), by: 't' } : { policy };
}

function randomEdge(
  random: Random,
  limits: CaseLimits,
  left: string,
  depth: number,
  make: (depth: number, up: TestEdge) => TestNode,
): TestEdge {
  const kind = random.pick(limits.kinds ?? ['inner', 'inner', 'left', 'left', 'semi', 'anti']);
  const match = randomMatch(random, random.pick(limits.matches ?? ['equal', 'equal', 'within', 'asOf']));
  const on: TestEdge['on'] = random.chance(limits.on ?? 0.25) ? randomOn(random) : [];
  const unmatched =
    depth === 0 &&
    match.type !== 'asOf' &&
    (kind === 'inner' || kind === 'left') &&
    random.chance(limits.unmatched ?? 0.3);
  const edge = { kind, match, left, right: '', on, unmatched } as unknown as TestEdge;
  edge.child = make(depth + 1, edge);
  return edge;
}

function randomOn(random: Random): TestEdge['on'] {
  return random.pick([
    [['a', 'a']],
    [['a', 'a']],
    [['a', 'b']],
    [
      ['a', 'a'],
      ['b', 'b'],
    ],
  ] as TestEdge['on'][]);
}

/** The `on` values of all streams: few, one for all, nearly distinct, hardly any matches. */
const spreads = [[1, 1, 2, null], [1], [1, 2, 3, 4, 5, 6, 7, 8, 9], [null, null, null, 1]];

function randomMatch(random: Random, type: TestMatch['type']): TestMatch {
  if (type === 'equal') return { type };
  if (type === 'within') {
    const low = random.int(7) - 3;
    return { type, low, high: low + random.int(4) };
  }
  const direction = random.pick(['backward', 'forward', 'nearest'] as const);
  return random.chance(0.5) ? { type, direction, tolerance: random.int(4) } : { type, direction };
}

const allWindows: TestWindow['type'][] = [
  'expression',
  'hopping',
  'hopping',
  'sliding',
  'session',
  'count',
  'count',
  'batch',
  'calendar',
];

const HOUR = 3_600_000;
/** Clock changes: by an hour, by half an hour, over midnight, by a day; and a zone without changes. */
const changes: [zone: string, at: number][] = [
  ['Europe/Berlin', Date.UTC(2026, 2, 29, 1)],
  ['Europe/Berlin', Date.UTC(2026, 9, 25, 1)],
  ['Australia/Lord_Howe', Date.UTC(2026, 3, 4, 15)],
  ['Australia/Lord_Howe', Date.UTC(2026, 9, 3, 15, 30)],
  ['America/Sao_Paulo', Date.UTC(2018, 10, 4, 3)],
  ['America/Havana', Date.UTC(2026, 10, 1, 5)],
  ['America/Goose_Bay', Date.UTC(2010, 10, 7, 3)],
  ['Pacific/Apia', Date.UTC(2011, 11, 30, 10)],
  ['Asia/Kathmandu', Date.UTC(2023, 11, 31, 18, 15)],
  ['UTC', 0],
];
const steps = { hour: [HOUR / 4], day: [HOUR / 2, 3 * HOUR], week: [HOUR, 18 * HOUR], month: [HOUR, 74 * HOUR] };

function randomWindow(random: Random, limits: CaseLimits, node: TestNode, key: string): TestWindow {
  const type = random.pick(limits.windowTypes ?? allWindows);
  switch (type) {
    case 'expression':
      return { type, key: node.order.policy !== 'slack' && random.chance(0.5) ? 'adjacent' : key };
    case 'hopping': {
      const size = 1 + random.int(6);
      return random.chance(0.4)
        ? { type, key, size, every: size, offset: 0 }
        : { type, key, size, every: 1 + random.int(4), offset: random.int(3) };
    }
    case 'sliding':
      return { type, key, size: random.int(4) };
    case 'session':
      return { type, key, gap: random.int(3) };
    case 'calendar': {
      const unit = random.pick(['hour', 'day', 'week', 'month'] as const);
      const [zone, at] = random.pick(changes);
      const step = random.pick(steps[unit]);
      return { type, key, unit, zone, from: at - random.int(12) * step, step };
    }
    case 'batch':
      return { type, size: 1 + random.int(4), timeoutMs: 1000 };
    default: {
      const size = 1 + random.int(4);
      return { type: 'count', size, every: random.chance(0.5) ? size : 1 + random.int(5) };
    }
  }
}

/** Splits a window by a separate field, or sometimes by one that `on` compares. */
function splitWindow(random: Random, limits: CaseLimits, window: TestWindow): TestWindow {
  const by = sometimes(random, limits.by ?? 0.35) ? { by: random.chance(0.8) ? 'v' : 'adjacent' } : {};
  return { ...window, ...by, ...(sometimes(random, limits.folded ?? 0.25) && { folded: true }) };
}

/** Draws no random number if the chance is none, so that cases without it stay the same. */
function sometimes(random: Random, chance: number): boolean {
  return chance > 0 && random.chance(chance);
}

/** The values that windows are split by: few, one that is rare, many; also texts and pairs. */
const values: (number | string | [number, string])[][] = [
  [1, 2],
  [1, 2, 3, 4, 5, 6, 7, 8, 9],
  [0, 1, 1, 1, 1, 1, 2, 2, 2, 2],
  ['a', 'b', 'c'],
  [
    [1, 'a'],
    [1, 'b'],
    [2, 'a'],
  ],
];

function randomData(random: Random, root: TestNode, limits: CaseLimits): Data {
  const data: Data = {};
  const steps = random.pick([
    [0, 0, 1],
    [0, 1, 1, 2],
    [0, 1, 5],
    [1, 1, 2],
  ]);
  const split = root.window?.by === undefined ? [] : random.pick(values);
  const spread = random.pick([spreads[0] as (number | null)[], ...spreads]);
  const fill = (node: TestNode, up: TestEdge | undefined): void => {
    data[node.name] = randomStream(random, node, up, { steps, spread, split }, limits);
    for (const edge of node.edges) fill(edge.child, edge);
  };
  fill(root, undefined);
  if (limits.mixed !== undefined) for (const node of nodesOf(root)) fixTypes(node, data);
  for (const node of nodesOf(root))
    for (const edge of node.edges) if (random.chance(0.25)) makeTuples(node, edge, data);
  return data;
}

/**
 * `on` values of other types than the number that the first element of each stream has: that number fixes the type for
 * both sides of an edge, since a parent is taken before its children.
 */
const mixture = [1, 1, 2, null, 'x', '1', true, [1, 'x']];

function mixOn(random: Random, elements: Element[], isLeaf: boolean): void {
  for (const [i, element] of elements.entries()) {
    for (const field of ['a', 'b']) element[field] = i === 0 ? 1 : random.pick(mixture);
    if (i === 0 && isLeaf && random.chance(0.5)) element.a = null;
  }
}

/** Where no parent fixes the type of an `on` value, the first child element does. */
function fixTypes(node: TestNode, data: Data): void {
  const isFixed = typeof data[node.name]?.[0]?.a === 'number';
  for (const { child } of node.edges) {
    const first = data[child.name]?.[0];
    if (!isFixed && first !== undefined) first.a ??= 1;
  }
}

function randomStream(
  random: Random,
  node: TestNode,
  up: TestEdge | undefined,
  { steps, spread, split }: { steps: number[]; spread: (number | null)[]; split: (typeof values)[number] },
  limits: CaseLimits,
): Element[] {
  const breaks = node.order.policy !== 'fail' || limits.disorder === true;
  const fields = orderedFields(node, up);
  const current: Record<string, number> = Object.fromEntries(fields.map((field) => [field, random.int(4)]));
  const together = random.chance(0.5);
  const count = random.chance(0.1) ? 0 : random.int((limits.length ?? 8) + 1);
  const elements = Array.from({ length: count }, (_, i) => {
    const step = random.pick(steps);
    for (const field of fields) current[field] = (current[field] as number) + (together ? step : random.pick(steps));
    const element: Element = {
      id: `${node.name}.${i}`,
      ...current,
      a: random.pick(spread),
      b: random.pick(spread),
      adjacent: random.int(2),
    };
    if (node.window?.by === 'v') element.v = random.pick(split);
    if (node.window?.by !== undefined && breaks && random.chance(0.05)) element[node.window.by] = null;
    if (node.window !== undefined && 'key' in node.window) element[node.window.key] ??= random.int(3);
    if (breaks && fields.length > 0 && (i > 0 || !limits.mixed) && random.chance(limits.disorder ? 0.15 : 0.3)) {
      const field = random.pick(fields);
      element[field] = random.chance(0.1) ? random.pick([null, NaN]) : element[field] - 1 - random.int(5);
    }
    const others = onFields(node, up);
    if (breaks && others.length > 0 && random.chance(0.05)) element[random.pick(others)] = Number.NaN;
    return element;
  });
  if (sometimes(random, limits.mixed ?? 0)) mixOn(random, elements, node.edges.length === 0);
  return elements;
}

/** Turns the keys of an edge into tuples of two that compare the same. */
function makeTuples(node: TestNode, edge: TestEdge, data: Data): void {
  const { match, child } = edge;
  const distance =
    match.type === 'within' ||
    (match.type === 'asOf' && (match.direction === 'nearest' || match.tolerance !== undefined));
  const shared = [node, child].some((one) => one.order.policy === 'slack');
  if (distance || shared) return;
  const pair = (key: any): any => (isNumber(key) ? [Math.floor(key / 2), key - 2 * Math.floor(key / 2)] : key);
  for (const element of data[node.name] as Element[]) element[edge.left] = pair(element[edge.left]);
  for (const element of data[child.name] as Element[]) element[edge.right] = pair(element[edge.right]);
}

function isNumber(key: unknown): boolean {
  return typeof key === 'number' && !Number.isNaN(key);
}
