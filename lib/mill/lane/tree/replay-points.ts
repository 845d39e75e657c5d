import { keyToJson } from '../../../expressions/key-json.js';
import type { NodeVector } from '../../resume/lane-vector.js';
import { comparePlaces, placeToJson } from '../../resume/place.js';
import type { ReplayPoint } from '../../resume/replay-point.js';
import type { LaneEdge, LaneNode } from '../nodes/lane-tree.js';
import type { Row } from '../rows/row.js';

/** The oldest row of a node that is still needed, including pending unmatched rows. */
function oldestRow(node: LaneNode): Row | undefined {
  const pending = node.up?.pending[0];
  if (pending !== undefined) return pending;
  for (let i = 0; i < node.held.size; i++) {
    const row = node.held.at(i);
    if (!row.gone) return row;
  }
  return undefined;
}

/**
 * By node: the points to read a tree again from so that this master row, and all rows that are not called yet, come
 * again.
 */
export function replayPoints(root: LaneNode, oldest: Row | undefined): readonly ReplayPoint[] {
  const points: ReplayPoint[] = [];
  const own = oldest === undefined ? root.replay.point() : root.replay.pointOf(oldest);
  for (const point of [own, ...(oldest?.moreIfAny?.pointsBelow ?? replayPointsBelow(root))]) points[point.node] = point;
  return points;
}

/**
 * The oldest master row that must come again: of the given rows, and of the rows whose calls contained rows that may
 * still become unmatched.
 */
export function oldestMaster(
  root: LaneNode,
  unmatchedEdges: readonly LaneEdge[],
  ...rows: readonly (Row | undefined)[]
): Row | undefined {
  let oldest: Row | undefined;
  const consider = (row: Row | undefined): void => {
    if (row === undefined) return;
    const { replay } = root;
    if (oldest === undefined || comparePlaces(replay.placeOf(row), replay.placeOf(oldest)) < 0) oldest = row;
  };
  for (const row of rows) consider(row);
  for (const edge of unmatchedEdges) {
    for (const row of edge.pending) consider(row.moreIfAny?.usedBy?.more.base);
    for (let i = 0; i < edge.child.held.size; i++) consider(edge.child.held.at(i).moreIfAny?.usedBy?.more.base);
  }
  return oldest;
}

/** The current replay points of all nodes below this one. */
export function replayPointsBelow(node: LaneNode): readonly ReplayPoint[] {
  const points: ReplayPoint[] = [];
  addPointsBelow(node, points);
  return points;
}

function addPointsBelow(node: LaneNode, points: ReplayPoint[]): void {
  for (const { child } of node.edges) {
    const oldest = oldestRow(child);
    points.push(oldest === undefined ? child.replay.point() : child.replay.pointOf(oldest));
    const frozen = oldest?.moreIfAny?.pointsBelow;
    if (frozen !== undefined) points.push(...frozen);
    else addPointsBelow(child, points);
  }
}

/** The part of a vector for a node that is read again from this point. */
export function nodeVector(node: LaneNode, point: ReplayPoint): NodeVector {
  const { seenPlace } = node.replay;
  return {
    from: point.from,
    high: point.high.map((key, i) => keyToJson(node.keys.remembered[i]?.show(key) as any)),
    ...(point.after && { after: placeToJson(point.after) }),
    ...(node.spec.order.policy !== 'fail' && { seen: node.seen }),
    ...(seenPlace && { seenPlace: placeToJson(seenPlace) }),
    ...forcedOf(node, point.from),
  };
}

function forcedOf(node: LaneNode, from: number): Pick<NodeVector, 'forced'> {
  const forced = node.forced?.toJson(from, (key) => node.keys.right?.show(key));
  return forced === undefined ? {} : { forced };
}
