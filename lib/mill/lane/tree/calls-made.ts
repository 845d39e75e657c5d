import { compareKeys } from '../../../expressions/key.js';
import { keyFromJson } from '../../../expressions/key-json.js';
import { CallCursor } from '../../resume/call-cursor.js';
import type { LaneVector } from '../../resume/lane-vector.js';
import { type Place, placeToJson } from '../../resume/place.js';

const LOWEST = Number.NEGATIVE_INFINITY;

/** Records which calls a lane has made, so that none is made again after a restart. */
export class CallsMade {
  /** The position of the lane in its sequence of calls. */
  readonly cursor: CallCursor;
  /** The cursor of the vector that the lane started from. */
  private readonly doneCursor: CallCursor;
  /** The place of the last call: of its window or its master row. */
  private key: any = LOWEST;
  private position = -1;
  /** The place of the call before the last. */
  private previousKey: any = LOWEST;
  private previousPosition = -1;

  constructor(start: Place, vector: LaneVector | undefined) {
    this.cursor = new CallCursor(start.key, start.position);
    this.doneCursor = vector === undefined ? new CallCursor() : CallCursor.fromJson(vector.done.cursor);
    if (vector === undefined) return;
    this.key = keyFromJson(vector.done.window[0]);
    this.position = vector.done.window[1];
  }

  /** Records a call. Returns false if it was made before a restart. */
  add(key: any, position: number): boolean {
    const order = compareKeys(key, this.key);
    if (order < 0 || (order === 0 && position <= this.position)) return false;
    this.previousKey = this.key;
    this.previousPosition = this.position;
    this.key = key;
    this.position = position;
    return true;
  }

  /** The cursor is not before the one of the vector that the lane started from. */
  get isCursorReached(): boolean {
    return !this.doneCursor.isAfter(this.cursor);
  }

  /** Undoes the last call, because it failed. */
  retract(): void {
    this.key = this.previousKey;
    this.position = this.previousPosition;
  }

  /** Returns whether the unmatched row at the cursor was not given before a restart. */
  get isCursorNew(): boolean {
    return this.cursor.isAfter(this.doneCursor);
  }

  toJson(): Pick<LaneVector['done'], 'cursor' | 'window'> {
    const cursor = this.isCursorNew ? this.cursor : this.doneCursor;
    return { cursor: cursor.toJson(), window: placeToJson({ key: this.key, position: this.position }) };
  }
}
