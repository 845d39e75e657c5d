import { compareKeys } from '../../../expressions/key.js';
import type { KeyTrack } from '../keys/key-track.js';

/** The number of keys read ahead: enough to pay for the loop, few enough that the elements stay in the cache. */
export const keysAhead = 256;

/**
 * The keys of one expression for a stretch of a batch, read ahead in one loop up to the first invalid key. That one is
 * checked when the lane takes its element, so that no element is checked early.
 */
export class KeyColumn {
  /** By the index of the element in the stretch. A Date is in milliseconds. */
  keys: ArrayLike<any>;
  private readonly numbers = new Float64Array(keysAhead);

  constructor(readonly track: KeyTrack) {
    this.keys = this.numbers;
  }

  /** Reads the key of the first element of a stretch with all checks. Returns false if it is invalid. */
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

  /**
   * Reads the keys of the elements after the first, up to before index `to`. Returns the index in the batch up to which
   * keys are known.
   */
  readOn(elements: readonly object[], first: number, to: number): number {
    const { keys, numbers, track } = this;
    if (keys === numbers) return track.readAfterFirst(elements, first + 1, to, numbers);
    return this.readOthers(elements, first + 1, to, keys as any[]);
  }

  /** Records that the first `count` elements of the stretch were taken. */
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
