import { isDate } from '../../base/date.js';
import { printKey } from '../../expressions/key-text.js';
import { edgesOf } from '../plan/explain/edge-words.js';
import type { Plan, PlanEdge } from '../plan/plan.js';
import type { Restoring } from './health.js';
import { type LaneState, nodeInAll, sum } from './lane-state.js';
import type { MillView } from './mill-view.js';
import type { NodeProgress, Progress } from './progress.js';
import type { EmittedReport } from './run-report.js';

/** The distance between the two streams of an edge. */
export interface EdgeProgress {
  readonly parent: string;
  readonly child: string;
  /** The keys of the last elements read. */
  readonly left: string;
  readonly right: string;
  /** Right minus left, if keys have a distance; for Dates in milliseconds. Positive if the child is ahead. */
  readonly skew: number | undefined;
  readonly isTime: boolean;
}

/** A stream, with the number of elements that are not read yet, if the broker knows. */
export interface LiveNode extends NodeProgress {
  readonly lag: number | undefined;
}

/** Progress, with everything else that is shown while a mill runs. */
export interface LiveProgress extends Progress {
  readonly nodes: readonly LiveNode[];
  readonly ready: boolean;
  readonly healthy: boolean;
  /** One per lane that is restoring its tables. */
  readonly restoring: readonly Restoring[];
  readonly lanes: number;
  /** Edges of which both sides were read. */
  readonly edges: readonly EdgeProgress[];
  readonly results: readonly EmittedReport[];
}

export function liveProgress(view: MillView): LiveProgress {
  const { plan } = view;
  const lanes = view.lanes();
  const { ready, healthy, lanes: open } = view.health();
  const progress = view.progress();
  return {
    ...progress,
    nodes: progress.nodes.map((node, i) => ({ ...node, lag: nodeInAll(lanes, i).lag })),
    ready,
    healthy,
    restoring: open.flatMap(({ restoring }) => restoring ?? []),
    lanes: lanes.filter(({ isOver }) => !isOver).length,
    edges: edgesOf(plan).flatMap((edge) => edgeProgress(plan, edge, lanes) ?? []),
    results: plan.outputs.map(({ message, entry }, i) => ({
      name: message.name,
      stream: entry.label,
      count: sum(lanes.map(({ written }) => written[i] ?? 0)),
    })),
  };
}

/** For the lane that was opened last, among those that have read both streams. */
function edgeProgress(plan: Plan, edge: PlanEdge, lanes: readonly LaneState[]): EdgeProgress | undefined {
  const lasts = lanes.map(({ nodes }) => [nodes[edge.parent]?.last, nodes[edge.child]?.last]);
  const [above, below] = lasts.findLast(([parent, child]) => parent !== undefined && child !== undefined) ?? [];
  if (above === undefined || below === undefined) return undefined;
  try {
    const [left, right]: unknown[] = [edge.left.evaluate(above), edge.right.evaluate(below)];
    const distance = numberOf(right) - numberOf(left);
    return {
      parent: plan.nodes[edge.parent]!.name,
      child: plan.nodes[edge.child]!.name,
      left: printKey(left),
      right: printKey(right),
      skew: Number.isFinite(distance) ? distance : undefined,
      isTime: isDate(left),
    };
  } catch {
    // A key that cannot be computed fails the mill, not its page.
    return undefined;
  }
}

function numberOf(key: unknown): number {
  if (typeof key === 'number' || typeof key === 'bigint') return Number(key);
  return isDate(key) ? key.getTime() : Number.NaN;
}
