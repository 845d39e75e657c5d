import { compareKeys } from '../../../expressions/key.js';
import type { KeyDistance } from '../../../joins/distance.js';
import type { Place } from '../../resume/place.js';
import type { KeyTrack } from '../keys/key-track.js';
import { HighWater } from './high-water.js';
import { ReorderBuffer } from './reorder-buffer.js';

/**
 * The queue of a node under slack: an element waits in it until no element in time can precede it. Next to it are the
 * high-water marks of the waiting elements, for a restart.
 */
export class SlackQueue {
  readonly buffer: ReorderBuffer;
  readonly highWater: HighWater;

  constructor(
    slack: KeyDistance,
    /** The key that elements are ordered by. */
    private readonly by: KeyTrack,
  ) {
    this.buffer = new ReorderBuffer(slack);
    this.highWater = new HighWater(by.high);
  }

  get size(): number {
    return this.buffer.size;
  }

  /** The lowest key in time: elements with lower keys are late. */
  get limit(): any {
    return this.buffer.limit(this.by.high);
  }

  /** The lowest key that can still be taken out; there must be an element if the node is drained. */
  frontier(isDrained: boolean): any {
    const { buffer } = this;
    if (isDrained) return buffer.nextKey;
    const { limit } = this;
    return buffer.size > 0 && compareKeys(buffer.nextKey, limit) < 0 ? buffer.nextKey : limit;
  }

  /** Returns whether the next element can be taken out. */
  isDue(isDrained: boolean): boolean {
    if (this.buffer.size === 0) return false;
    return isDrained || compareKeys(this.buffer.nextKey, this.limit) <= 0;
  }

  /** Adds an element in time. Positions must increase. */
  add(element: object, position: number, key: any): void {
    this.buffer.add(element, position, key);
    this.highWater.add(position, key);
  }

  /** Takes out the next element, which is at this place. */
  drop(place: Place): void {
    this.buffer.drop();
    this.highWater.pass(place);
  }
}
