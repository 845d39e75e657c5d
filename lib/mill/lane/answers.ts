import type { CallAnswer, LateAnswer, ViolationAnswer } from './answer.js';
import type { LaneNode } from './lane-tree.js';
import type { Row } from './row.js';

/** A call answer while it is filled: one object serves all calls of a lane. */
export type MutableCallAnswer = { -readonly [K in keyof CallAnswer]: CallAnswer[K] };

const noRows: readonly Row[] = Object.freeze([]);

export function makeCallAnswer(): MutableCallAnswer {
  return {
    what: 'call',
    elements: [],
    rows: noRows,
    from: -1,
    to: -1,
    start: undefined,
    end: undefined,
    forced: false,
  };
}

/** The element that a node's last pull found late. */
export function late(node: LaneNode): LateAnswer {
  return { what: 'late', node: node.index, element: node.lateElement as object, position: node.latePosition };
}

/** The element that a node's last pull found out of order, where the policy is to fail. */
export function violation(node: LaneNode): ViolationAnswer {
  const track = node.badTrack as NonNullable<LaneNode['badTrack']>;
  const before = track.problem === 'type' ? track.domain.sample : track.show(track.high);
  return {
    what: 'violation',
    node: node.index,
    position: node.latePosition,
    expression: String(track.source),
    before: before === Number.NEGATIVE_INFINITY ? undefined : before,
    key: track.given,
    problem: track.problem,
    reason: track.reason,
    unit: track.domain.unit,
  };
}
