import { compareKeys } from '../../../expressions/key.js';
import { keyFromJson } from '../../../expressions/key-json.js';
import { CallCursor } from '../../resume/call-cursor.js';
import type { LaneVector } from '../../resume/lane-vector.js';
import { type Place, placeToJson } from '../../resume/place.js';

const LOWEST = Number.NEGATIVE_INFINITY;

/** Which calls of a lane were made: what comes again after a restart is not called again. */
export class CallsMade {
  /** Where the lane is in its sequence of calls. */
  readonly cursor: CallCursor;
  /** Where it was when the vector was taken with which it started. */
  private readonly doneCursor: CallCursor;
  /** The place of the last call: of its window, or its master row. */
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

  /** Takes note of a call; false for one that was made before a restart. */
  add(key: any, position: number): boolean {
    const order = compareKeys(key, this.key);
    if (order < 0 || (order === 0 && position <= this.position)) return false;
    this.previousKey = this.key;
    this.previousPosition = this.position;
    this.key = key;
    this.position = position;
    return true;
  }

  /** The last call failed. */
  takeBack(): void {
    this.key = this.previousKey;
    this.position = this.previousPosition;
  }

  /** Whether the unmatched row at the cursor was not given before a restart. */
  get isCursorNew(): boolean {
    return this.cursor.isAfter(this.doneCursor);
  }

  toJson(): Pick<LaneVector['done'], 'cursor' | 'window'> {
    const cursor = this.isCursorNew ? this.cursor : this.doneCursor;
    return { cursor: cursor.toJson(), window: placeToJson({ key: this.key, position: this.position }) };
  }
}
