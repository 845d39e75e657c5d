import { shownText } from '../../../base/shown-text.js';
import { kindRow } from '../../../joins/join-kind.js';
import type { Plan, PlanEdge, PlanNode } from '../plan.js';
import { edgeMemory } from './edge-memory.js';
import { edgeCondition, edgesOf } from './edge-words.js';
import { windowMemory, windowText } from './window-text.js';

interface Point {
  readonly x: number;
  readonly y: number;
}

interface Box extends Point {
  /** `node-0`, `window`, `process`, `output-0`: the element for live numbers. */
  readonly id: string;
  readonly kind: 'stream' | 'window' | 'process' | 'output';
  readonly width: number;
  readonly height: number;
  readonly lines: readonly string[];
  /** The full text, shown as a tooltip. */
  readonly about: string;
}

interface Arrow {
  /** `edge-1`, by the node below it; `to-…` for other arrows. */
  readonly id: string;
  readonly from: Point;
  readonly to: Point;
  readonly lines: readonly string[];
  readonly isDashed: boolean;
  readonly about: string;
}

/** The layout of a plan's picture. */
export interface PlanDrawing {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly arrows: readonly Arrow[];
}

const boxWidth = 190;
const boxHeight = 72;
const [gapX, gapY, margin] = [190, 40, 20];
/** The gap between boxes without text on their arrows. */
const plainGap = 60;
/** The number of characters that fit into a box, and onto an arrow. */
const [inBox, onArrow] = [26, 28];

/** Streams are in columns by their depth in the tree, each at the middle of its children. */
export function planDrawing(plan: Plan): PlanDrawing {
  const rows = rowsOf(plan.nodes);
  const depths = plan.nodes.map((node) => depthOf(plan, node));
  const deepest = Math.max(...depths);
  const rowCount = Math.max(...rows, plan.outputs.length - 1) + 1;
  const middle = (rowCount - 1) / 2;
  const shift = middle - (rows[0] as number);
  const place = (column: number, row: number): Point => ({
    x: margin + Math.min(column, deepest) * (boxWidth + gapX) + Math.max(0, column - deepest) * (boxWidth + plainGap),
    y: margin + row * (boxHeight + gapY),
  });
  const inBounds = (row: number): number => Math.min(Math.max(0, row), rowCount - 1);
  const streams = plan.nodes.map((node): Box => {
    const at = place(
      deepest - (depths[node.index] as number),
      inBounds((rows[node.index] as number) + (deepest === 0 ? shift : 0)),
    );
    return box(`node-${node.index}`, 'stream', at, [node.name, node.input.label], `${node.name}: ${node.input.label}`);
  });
  const row = deepest === 0 ? middle : (rows[0] as number);
  let column = deepest + 1;
  const windows = windowBox(plan, () => place(column++, row));
  const process = box('process', 'process', place(column++, row), [plan.process.name], plan.process.name);
  const outputs = plan.outputs.map(({ message, entry }, i) => {
    const outputRow = inBounds(row - (plan.outputs.length - 1) / 2) + i;
    return box(
      `output-${i}`,
      'output',
      place(column, outputRow),
      [message.name, entry.label],
      `${message.name}: ${entry.label}`,
    );
  });
  const boxes = [...streams, ...windows, process, ...outputs];
  const lowest = Math.max(...boxes.map(({ y, height }) => y + height));
  const rightmost = Math.max(...boxes.map(({ x, width }) => x + width));
  const entrance = windows[0] ?? process;
  return {
    width: rightmost + margin,
    height: lowest + margin,
    boxes,
    arrows: [
      ...edgesOf(plan).map((edge) => edgeArrow(plan, edge, streams)),
      plain(streams[0] as Box, entrance),
      ...windows.map((window) => plain(window, process)),
      ...outputs.map((output, i) => plain(process, output, i >= plan.process.emits.length)),
    ],
  };
}

/** A node without children takes a new row; others are placed at the middle of their children. */
function rowsOf(nodes: readonly PlanNode[]): number[] {
  const rows: number[] = [];
  let next = 0;
  const visit = (index: number): number => {
    const below = (nodes[index] as PlanNode).edges.map(({ child }) => visit(child));
    const row = below.length === 0 ? next++ : ((below[0] as number) + (below.at(-1) as number)) / 2;
    rows[index] = row;
    return row;
  };
  visit(0);
  return rows;
}

function depthOf({ nodes }: Plan, { index }: PlanNode): number {
  const parent = nodes.find(({ edges }) => edges.some(({ child }) => child === index));
  return parent === undefined ? 0 : 1 + depthOf({ nodes } as Plan, parent);
}

function windowBox(plan: Plan, place: () => Point): readonly Box[] {
  if (plan.window === undefined) return [];
  const about = `${windowText(plan)}; in memory: ${windowMemory(plan)}`;
  return [box('window', 'window', place(), ['window', windowText(plan)], about)];
}

function box(id: string, kind: Box['kind'], at: Point, lines: readonly string[], about: string): Box {
  const shown = lines.map((line) => shortened(line, inBox));
  return { id, kind, ...at, width: boxWidth, height: boxHeight, lines: shown, about: shownText(about, 500) };
}

function edgeArrow(plan: Plan, edge: PlanEdge, streams: readonly Box[]): Arrow {
  const [parent, child] = [streams[edge.parent] as Box, streams[edge.child] as Box];
  const condition = edgeCondition(edge);
  return {
    id: `edge-${edge.child}`,
    ...between(child, parent),
    lines: [edge.kind, shortened(condition, onArrow)],
    isDashed: kindRow(edge.kind).dropsWithMatch,
    about: shownText(`${edge.kind}: ${condition}; in memory: ${edgeMemory(plan, edge)}`, 1_000),
  };
}

function plain(from: Box, to: Box, isDashed = false): Arrow {
  const about = isDashed ? 'late elements or dead letters' : '';
  return { id: `to-${to.id}`, ...between(from, to), lines: [], isDashed, about };
}

function between(left: Box, right: Box): { from: Point; to: Point } {
  return {
    from: { x: left.x + left.width, y: left.y + left.height / 2 },
    to: { x: right.x, y: right.y + right.height / 2 },
  };
}

function shortened(line: string, most: number): string {
  const shown = shownText(line, 500);
  return shown.length <= most ? shown : `${shown.slice(0, most - 1)}…`;
}
