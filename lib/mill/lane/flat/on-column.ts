import { readFinitesOf, readStringsOf } from '../../../expressions/read-alike.js';
import type { KeyTrack } from '../keys/key-track.js';
import type { OnKeys } from '../keys/on-keys.js';
import type { KeySource } from '../lane-spec.js';

/** The `on` values of one edge for a stretch of a batch, read ahead like keys. */
export class OnColumn {
  /** By the index of the element in the stretch. Undefined if one of them is null, which equals nothing. */
  readonly values: unknown[] = [];

  /** The expression that was evaluated last. */
  reading: KeyTrack;

  constructor(protected readonly keys: OnKeys) {
    this.reading = keys.tracks[0] as KeyTrack;
  }

  /** Reads the values of the first element of a stretch. Returns the first invalid one. */
  begin(element: object): KeyTrack | undefined {
    const { tracks } = this.keys;
    for (const track of tracks) {
      this.reading = track;
      if (!track.read(element)) return track;
    }
    for (const track of tracks) track.settle();
    this.keep(0);
    return undefined;
  }

  /**
   * Reads the values of the elements after the first, up to before index `to`. Returns the index in the batch up to
   * which they are known.
   */
  readOn(elements: readonly object[], first: number, to: number): number {
    const { tracks } = this.keys;
    let i = first + 1;
    try {
      for (;;) {
        i = this.readAlike(elements, i, to, i - first);
        if (i === to || !tracks.every((track) => track.readAhead(elements[i] as object))) return i;
        this.keep(i - first);
        i++;
      }
    } catch {
      // It fails again when the element is taken.
      return i;
    }
  }

  /** Stores the values that were read last at this index of the stretch. */
  protected keep(at: number): void {
    this.values[at] = this.keys.value;
  }

  /** Reads the values of elements from an index on, in a loop for their type if there is one. */
  protected readAlike(elements: readonly object[], from: number, to: number, at: number): number {
    const { only } = this.keys;
    if (only === undefined) return from;
    return loopFor(only, readFinitesOf, readStringsOf)?.(elements, from, to, this.values, at) ?? from;
  }
}

/** The loop for the type of the values, where there is one. */
export function loopFor<T>(
  { domain, source }: KeyTrack,
  ofFinites: (source: KeySource) => T,
  ofStrings: (source: KeySource) => T,
): T | undefined {
  if (domain.isNumber) return ofFinites(source);
  return typeof domain.sample === 'string' ? ofStrings(source) : undefined;
}
