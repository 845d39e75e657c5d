/**
 * A join tree as described by tests: field names for keys, plain numbers for distances. It shares nothing with the
 * lane.
 */
export interface TestNode {
  readonly name: string;
  order: TestOrder;
  edges: TestEdge[];
  window?: TestWindow;
}

export type TestOrder = { policy: 'fail' } | { policy: 'skip' } | { policy: 'slack'; slack: number; by: string };

export interface TestEdge {
  kind: 'inner' | 'left' | 'semi' | 'anti';
  match: TestMatch;
  left: string;
  right: string;
  on: [left: string, right: string][];
  unmatched: boolean;
  child: TestNode;
}

export type TestMatch =
  | { type: 'equal' }
  | { type: 'within'; low: number; high: number }
  | { type: 'asOf'; direction: 'backward' | 'forward' | 'nearest'; tolerance?: number };

export type TestWindow = TestWindowKind & {
  /** Each value of this field has separate windows. */
  by?: string;
  /** A call gets an accumulator, which is a list of the elements' texts here. */
  folded?: boolean;
};

type TestWindowKind =
  | { type: 'expression'; key: string }
  | { type: 'hopping'; key: string; size: number; every: number; offset: number }
  | { type: 'sliding'; key: string; size: number }
  | { type: 'session'; key: string; gap: number }
  | TestCalendar
  | { type: 'count'; size: number; every: number }
  | { type: 'batch'; size: number; timeoutMs: number };

/** Keys are numbers of steps after an instant, both in milliseconds. */
export interface TestCalendar {
  type: 'calendar';
  key: string;
  unit: 'hour' | 'day' | 'week' | 'month';
  zone: string;
  from: number;
  step: number;
}

/** An element: an id, keys by name. */
export type Element = { id: string } & Record<string, any>;

/** Per node name the elements in the broker's order; the position is the index. */
export type Data = Record<string, Element[]>;

/** One output of a lane, as plain data: a call with its groups, or an unmatched child. */
export type Expected = { call: Shown[] } | { unmatched: string; id: string };
export interface Shown {
  id: string;
  groups: Shown[][];
}

export function nodesOf(root: TestNode): TestNode[] {
  return [root, ...root.edges.flatMap((edge) => nodesOf(edge.child))];
}

/** The keys of a node that `on` compares. */
export function onFields(node: TestNode, up: TestEdge | undefined): string[] {
  const lefts = node.edges.flatMap(({ on }) => on.map(([left]) => left));
  return [...new Set([...lefts, ...(up?.on.map(([, right]) => right) ?? [])])];
}

/** The ordered keys of a node. */
export function orderedFields(node: TestNode, up: TestEdge | undefined): string[] {
  const fields = new Set(node.edges.map((edge) => edge.left));
  if (up !== undefined) fields.add(up.right);
  if (node.window !== undefined && 'key' in node.window && node.window.type !== 'expression')
    fields.add(node.window.key);
  if (node.order.policy === 'slack') fields.add(node.order.by);
  return [...fields];
}
