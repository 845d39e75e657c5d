import { readFinitesOf, readStringsOf } from '../../../expressions/read-alike.js';
import type { KeyTrack } from '../input/key-track.js';
import type { KeySource } from '../lane-spec.js';
import type { OnKeys } from '../tree/on-keys.js';

/** The `on` values of one edge for a stretch of a batch, read ahead as the keys are. */
export class OnColumn {
  /** By the element's place in the stretch. Undefined: a null among them, equal to nothing. */
  readonly values: unknown[] = [];

  /** The expression that was asked last. */
  reading: KeyTrack;

  constructor(protected readonly keys: OnKeys) {
    this.reading = keys.tracks[0] as KeyTrack;
  }

  /** Reads the values of a stretch's first element; returns the first that is none. */
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

  /** Reads the values of those after the first, before `to`; returns up to where in the batch they are known. */
  readOn(elements: readonly object[], first: number, to: number): number {
    const { tracks } = this.keys;
    let i = first + 1;
    try {
      for (;;) {
        i = this.readAlike(elements, i, to, i - first);
        if (i === to || !tracks.every((track) => track.read(elements[i] as object))) return i;
        this.keep(i - first);
        i++;
      }
    } catch {
      // It fails again when its turn comes.
      return i;
    }
  }

  /** Keeps the values that were read last, at this place. */
  protected keep(at: number): void {
    this.values[at] = this.keys.value;
  }

  /** Reads the values of elements from an index on, for as long as there is one loop that can. */
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
