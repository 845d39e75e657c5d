import { isDate } from '../../base/date.js';
import { compareKeys } from '../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../expressions/key-json.js';
import type { PlaceJson } from './lane-vector.js';

/** A place in a node's order: by key and position under slack, else by position alone. */
export interface Place {
  readonly key: any;
  readonly position: number;
}

export function comparePlaces(a: Place, b: Place): number {
  return compareToPlace(a.key, a.position, b);
}

/** Like `comparePlaces`, for the key and the position of an element. */
export function compareToPlace(key: any, position: number, place: Place): number {
  const byKey = compareKeys(key, place.key);
  return byKey !== 0 ? byKey : position - place.position;
}

export function placeToJson(place: Place): PlaceJson {
  return [keyToJson(place.key), place.position];
}

export function placeFromJson([key, position]: PlaceJson): Place {
  const found = keyFromJson(key);
  return { key: isDate(found) ? found.getTime() : found, position };
}
