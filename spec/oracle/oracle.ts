import {
  type Data,
  type Element,
  type Expected,
  onFields,
  orderedFields,
  type Shown,
  type TestEdge,
  type TestNode,
} from './tree.js';
import { windowsOf } from './windows.js';

export interface Survivor {
  element: Element;
  /** One group per inner or left edge. */
  groups: Survivor[][];
}

/** The expected output of a lane, and the elements that it must refuse. */
export interface Verdict {
  readonly calls: Expected[];
  /** Per node the positions of its late elements. */
  readonly late: Record<string, number[]>;
  /** Per node the position of the element that breaks the order and fails the lane, if it is read. */
  readonly failed: Record<string, number>;
}

/** Computes the expected output of a lane by nested loops over whole arrays: SQL's joins, written for clarity. */
export function oracle(root: TestNode, data: Data): Verdict {
  const inputs = new Map<TestNode, Element[]>();
  const late: Record<string, number[]> = {};
  const failed: Record<string, number> = {};
  const load = (node: TestNode, up: TestEdge | undefined): void => {
    const judged = applyOrder(node, up, data[node.name] as Element[]);
    inputs.set(node, judged.inTime);
    late[node.name] = judged.late;
    if (judged.failed !== undefined) failed[node.name] = judged.failed;
    for (const edge of node.edges) load(edge.child, edge);
  };
  load(root, undefined);

  const { survive } = joinsOf(inputs);
  const masters = inputs.get(root) as Element[];
  const results = masters.map((element) => survive(root, element));
  // Slot i has the output before master i: windows that it closes, children that it leaves behind; then its own call.
  const slots = Array.from({ length: masters.length + 1 }, () => ({
    windows: [] as Expected[],
    unmatched: [] as Expected[],
    own: [] as Expected[],
  }));
  const alive = results.flatMap((row, index) => (row === null ? [] : [{ row, element: row.element, index }]));
  for (const { members, closes, isOwn } of windowsOf(root.window, masters, alive)) {
    const call = { call: members.map(({ row }) => shown(row)) };
    if (isOwn) slots[closes]?.own.push(call);
    else slots[closes]?.windows.push(call);
  }
  root.edges.forEach((edge, index) => {
    if (!edge.unmatched) return;
    const place = root.edges.slice(0, index).filter((other) => other.kind === 'inner' || other.kind === 'left').length;
    const used = new Set(results.flatMap((row) => row?.groups[place]?.map((child) => child.element) ?? []));
    for (const child of inputs.get(edge.child) as Element[]) {
      if (used.has(child)) continue;
      const behind = masters.findIndex((master) => isBefore(child[edge.right], moved(master[edge.left], lowOf(edge))));
      const at = behind < 0 ? masters.length : behind;
      slots[at]?.unmatched.push({ unmatched: edge.child.name, id: child.id });
    }
  });
  return { calls: slots.flatMap((slot) => [...slot.windows, ...slot.unmatched, ...slot.own]), late, failed };
}

/** Returns the survivors and their groups, given the elements in time. */
export function joinsOf(inputs: ReadonlyMap<TestNode, Element[]>) {
  const rows = new Map<TestNode, Survivor[]>();
  const survivors = (node: TestNode): Survivor[] => {
    const known = rows.get(node);
    if (known !== undefined) return known;
    const found = (inputs.get(node) as Element[])
      .map((element) => survive(node, element))
      .filter((row) => row !== null);
    rows.set(node, found);
    return found;
  };
  const survive = (node: TestNode, element: Element): Survivor | null => {
    const groups: Survivor[][] = [];
    for (const edge of node.edges) {
      const group = groupOf(edge, element);
      if ((edge.kind === 'inner' || edge.kind === 'semi') && group.length === 0) return null;
      if (edge.kind === 'anti' && group.length > 0) return null;
      if (edge.kind === 'inner' || edge.kind === 'left') groups.push(group);
    }
    return { element, groups };
  };
  const groupOf = (edge: TestEdge, parent: Element): Survivor[] => {
    const all = survivors(edge.child).filter((child) => matches(edge, parent, child.element));
    const { match } = edge;
    if (match.type !== 'asOf' || all.length === 0) return all;
    if (match.direction === 'backward') return all.slice(-1);
    if (match.direction === 'forward') return all.slice(0, 1);
    const left = parent[edge.left];
    const before = all.filter((child) => child.element[edge.right] < left).at(-1);
    const after = all.find((child) => child.element[edge.right] >= left);
    if (before === undefined || after === undefined) return [before ?? (after as Survivor)];
    return [left - before.element[edge.right] <= after.element[edge.right] - left ? before : after];
  };
  return { survive, groupOf };
}

/**
 * Applies an order policy to a stream. Returns the elements that take part, in order, and the positions of the others.
 */
export function applyOrder(
  node: TestNode,
  up: TestEdge | undefined,
  raw: Element[],
): { inTime: Element[]; late: number[]; failed?: number } {
  const fields = orderedFields(node, up);
  const { order } = node;
  const isSlack = order.policy === 'slack';
  const places = raw.map((element, position) => ({ element, position }));
  const keeps = keepsOrder(isSlack ? [order.by] : fields, isSlack ? order.slack : 0);
  const others = onFields(node, up);
  const by = node.window?.by;
  const isInTime = (one: Placed): boolean =>
    !fields.some((field) => isBad(one.element[field])) &&
    // null equals nothing, but NaN and values of another type are invalid keys.
    !others.some((field) => isWrongOn(one.element[field])) &&
    !(by !== undefined && isBad(one.element[by])) &&
    keeps(one);
  if (order.policy === 'fail') {
    const failed = places.findIndex((one) => !isInTime(one));
    return failed < 0 ? { inTime: raw, late: [] } : { inTime: raw.slice(0, failed), late: [], failed };
  }
  let kept = places.filter(isInTime);
  if (isSlack) {
    const { by } = order;
    kept.sort((a, b) => a.element[by] - b.element[by] || a.position - b.position);
    kept = kept.filter(
      keepsOrder(
        fields.filter((field) => field !== by),
        0,
      ),
    );
  }
  const late = places.filter((one) => !kept.includes(one)).map((one) => one.position);
  return { inTime: kept.map((one) => one.element), late };
}

interface Placed {
  element: Element;
  position: number;
}

/**
 * Returns a function for consecutive elements: whether an element is at most `slack` below the highest accepted one.
 */
function keepsOrder(fields: string[], slack: number): (one: Placed) => boolean {
  const high: Record<string, any> = {};
  return ({ element }) => {
    if (fields.some((field) => high[field] !== undefined && isBefore(element[field], moved(high[field], -slack)))) {
      return false;
    }
    for (const field of fields) {
      if (high[field] === undefined || isBefore(high[field], element[field])) high[field] = element[field];
    }
    return true;
  };
}

export function matches(edge: TestEdge, parent: Element, child: Element): boolean {
  if (!edge.on.every(([left, right]) => parent[left] != null && parent[left] === child[right])) return false;
  const left = parent[edge.left];
  const right = child[edge.right];
  const { match } = edge;
  if (match.type === 'equal') return same(left, right);
  if (match.type === 'within') return right >= left + match.low && right <= left + match.high;
  const tolerance = match.tolerance ?? Infinity;
  if (match.direction === 'backward')
    return !isBefore(left, right) && (tolerance === Infinity || left - right <= tolerance);
  if (match.direction === 'forward')
    return !isBefore(right, left) && (tolerance === Infinity || right - left <= tolerance);
  return Math.abs(right - left) <= tolerance;
}

function lowOf(edge: TestEdge): number {
  return edge.match.type === 'within' ? edge.match.low : 0;
}

function moved(key: any, by: number): any {
  return by === 0 ? key : key + by;
}

function shown(row: Survivor): Shown {
  return { id: row.element.id, groups: row.groups.map((group) => group.map(shown)) };
}

function same(a: any, b: any): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function isBefore(a: any, b: any): boolean {
  if (!Array.isArray(a)) return a < b;
  return !same(a, b) && (a[0] < b[0] || (a[0] === b[0] && a[1] < b[1]));
}

/** All valid values of `on` are numbers here. */
function isWrongOn(value: any): boolean {
  return value !== null && (typeof value !== 'number' || Number.isNaN(value));
}

function isBad(key: any): boolean {
  return key == null || Number.isNaN(key);
}
