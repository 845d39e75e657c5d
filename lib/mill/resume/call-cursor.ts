import { compareKeys } from '../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../expressions/key-json.js';
import type { LaneVector } from './lane-vector.js';
import type { Place } from './place.js';

const LOWEST = Number.NEGATIVE_INFINITY;

/**
 * A cursor over the lane's single sequence of calls: the last master row passed, then the edge and the last unmatched
 * child row given before the next one. It moves with every master row, so it is changed in place.
 */
export class CallCursor {
  edge = -1;
  private childKey: any = LOWEST;
  private childPosition = -1;

  constructor(
    private masterKey: any = LOWEST,
    private masterPosition = -1,
  ) {}

  passMaster(key: any, position: number): void {
    this.masterKey = key;
    this.masterPosition = position;
    this.edge = -1;
    this.childKey = LOWEST;
    this.childPosition = -1;
  }

  passChild(edge: number, place: Place): void {
    this.edge = edge;
    this.childKey = place.key;
    this.childPosition = place.position;
  }

  isAfter(other: CallCursor): boolean {
    const order =
      compareKeys(this.masterKey, other.masterKey) ||
      this.masterPosition - other.masterPosition ||
      this.edge - other.edge ||
      compareKeys(this.childKey, other.childKey) ||
      this.childPosition - other.childPosition;
    return order > 0;
  }

  copy(): CallCursor {
    const copy = new CallCursor();
    copy.restore(this);
    return copy;
  }

  restore(other: CallCursor): void {
    this.masterKey = other.masterKey;
    this.masterPosition = other.masterPosition;
    this.edge = other.edge;
    this.childKey = other.childKey;
    this.childPosition = other.childPosition;
  }

  toJson(): LaneVector['done']['cursor'] {
    return [
      [keyToJson(this.masterKey), this.masterPosition],
      this.edge,
      [keyToJson(this.childKey), this.childPosition],
    ];
  }

  static fromJson([master, edge, child]: LaneVector['done']['cursor']): CallCursor {
    const cursor = new CallCursor(keyFromJson(master[0]), master[1]);
    cursor.passChild(edge, { key: keyFromJson(child[0]), position: child[1] });
    return cursor;
  }
}
