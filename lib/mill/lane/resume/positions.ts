import { keyToJson } from '../../../expressions/key-json.js';
import type { LaneNode } from '../tree/lane-tree.js';
import type { Place } from '../tree/place.js';
import type { Need, Row } from '../tree/row.js';
import type { NodeVector, PlaceJson } from './lane-vector.js';

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
export function needsBelow(node: LaneNode): readonly Need[] {
  const needs: Need[] = [];
  addNeedsBelow(node, needs);
  return needs;
}

function addNeedsBelow(node: LaneNode, needs: Need[]): void {
  for (const { child } of node.edges) {
    const oldest = oldestRow(child);
    needs.push(oldest === undefined ? child.own() : child.ownOf(oldest));
    const frozen = oldest?.moreIfAny?.needs;
    if (frozen !== undefined) needs.push(...frozen);
    else addNeedsBelow(child, needs);
  }
}

export function needToJson(node: LaneNode, need: Need): NodeVector {
  return {
    from: need.from,
    high: need.high.map((key, i) => keyToJson(node.keys.remembered[i]?.show(key) as any)),
    ...(need.after && { after: placeToJson(need.after) }),
    ...(node.spec.order.policy !== 'fail' && { seen: node.seen }),
    ...(node.seenPlace && { seenPlace: placeToJson(node.seenPlace) }),
    ...forcedOf(node, need.from),
  };
}

function forcedOf(node: LaneNode, from: number): Pick<NodeVector, 'forced'> {
  const forced = node.forced?.toJson(from, (key) => node.keys.right?.show(key));
  return forced === undefined ? {} : { forced };
}

export function placeToJson(place: Place): PlaceJson {
  return [keyToJson(place.key), place.position];
}
