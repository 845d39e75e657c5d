import { compareKeys } from '../../../expressions/key.js';
import type { KeyTrack } from '../input/key-track.js';

/** How far keys are read ahead: far enough that the loop pays, so little that the elements are still in the cache. */
export const keysAhead = 256;

/**
 * The keys of one expression for a stretch of a batch, read ahead in one loop as far as they are right. What stops it is
 * left until the lane comes to that element, so that nothing is judged before it is taken.
 */
export class KeyColumn {
  /** By the element's place in the stretch; a Date is its milliseconds. */
  keys: ArrayLike<any>;
  private readonly numbers = new Float64Array(keysAhead);

  constructor(readonly track: KeyTrack) {
    this.keys = this.numbers;
  }

  /** Reads the key of a stretch's first element as the track does; false if it is wrong. */
  begin(element: object): boolean {
    const { track } = this;
    if (!track.read(element) || !track.inOrder()) return false;
    track.settle();
    if (track.domain.isNumber) {
      this.numbers[0] = track.current;
      this.keys = this.numbers;
    } else {
      this.keys = [track.current];
    }
    return true;
  }

  /** Reads the keys of those after the first, before `to`; returns up to where in the batch they are known. */
  readOn(elements: readonly object[], first: number, to: number): number {
    const { keys, numbers, track } = this;
    if (keys === numbers) return track.readAfterFirst(elements, first + 1, to, numbers);
    return this.readOthers(elements, first + 1, to, keys as any[]);
  }

  /** The stretch was taken up to this place in it. */
  taken(count: number): void {
    if (count > 0) this.track.high = this.keys[count - 1];
  }

  private readOthers(elements: readonly object[], from: number, to: number, keys: any[]): number {
    const { track } = this;
    try {
      for (let i = from; i < to; i++) {
        if (!track.read(elements[i] as object) || compareKeys(track.current, keys.at(-1)) < 0) return i;
        keys.push(track.current);
      }
    } catch {
      return from - 1 + keys.length;
    }
    return to;
  }
}
