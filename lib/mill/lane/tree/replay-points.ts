import { keyToJson } from '../../../expressions/key-json.js';
import type { NodeVector } from '../../resume/lane-vector.js';
import { placeToJson } from '../../resume/place.js';
import type { ReplayPoint } from '../../resume/replay-point.js';
import type { LaneNode } from './lane-tree.js';
import type { Row } from './row.js';

/** The oldest row of a node that is still needed, released unmatched ones included. */
function oldestRow(node: LaneNode): Row | undefined {
  const pending = node.up?.pending[0];
  if (pending !== undefined) return pending;
  for (let i = 0; i < node.held.size; i++) {
    const row = node.held.at(i);
    if (!row.gone) return row;
  }
  return undefined;
}

/** Where every node below this one must be read from, as things stand. */
export function replayPointsBelow(node: LaneNode): readonly ReplayPoint[] {
  const points: ReplayPoint[] = [];
  addPointsBelow(node, points);
  return points;
}

function addPointsBelow(node: LaneNode, points: ReplayPoint[]): void {
  for (const { child } of node.edges) {
    const oldest = oldestRow(child);
    points.push(oldest === undefined ? child.replayPoint() : child.replayPointOf(oldest));
    const frozen = oldest?.moreIfAny?.pointsBelow;
    if (frozen !== undefined) points.push(...frozen);
    else addPointsBelow(child, points);
  }
}

/** What a vector says of a node that is read again from there. */
export function nodeVector(node: LaneNode, point: ReplayPoint): NodeVector {
  return {
    from: point.from,
    high: point.high.map((key, i) => keyToJson(node.keys.remembered[i]?.show(key) as any)),
    ...(point.after && { after: placeToJson(point.after) }),
    ...(node.spec.order.policy !== 'fail' && { seen: node.seen }),
    ...(node.seenPlace && { seenPlace: placeToJson(node.seenPlace) }),
    ...forcedOf(node, point.from),
  };
}

function forcedOf(node: LaneNode, from: number): Pick<NodeVector, 'forced'> {
  const forced = node.forced?.toJson(from, (key) => node.keys.right?.show(key));
  return forced === undefined ? {} : { forced };
}
