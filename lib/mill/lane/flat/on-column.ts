import { type ReadAlike, readFinitesOf, readStringsOf } from '../../../expressions/read-alike.js';
import type { KeyTrack } from '../input/key-track.js';
import type { OnKeys } from '../tree/on-keys.js';

const readNone: ReadAlike = (_elements, from) => from;

/** The `on` values of one edge for a stretch of a batch, read ahead as the keys are. */
export class OnColumn {
  /** By the element's place in the stretch. Undefined: a null among them, equal to nothing. */
  readonly values: unknown[] = [];

  /** The expression that was asked last. */
  reading: KeyTrack;

  constructor(private readonly keys: OnKeys) {
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
    this.values[0] = this.keys.value;
    return undefined;
  }

  /** Reads the values of those after the first, before `to`; returns up to where in the batch they are known. */
  readOn(elements: readonly object[], first: number, to: number): number {
    const { keys, values } = this;
    const read = this.readAlike;
    let i = first + 1;
    try {
      for (;;) {
        i = read(elements, i, to, values, i - first);
        if (i === to || !keys.tracks.every((track) => track.read(elements[i] as object))) return i;
        values[i - first] = keys.value;
        i++;
      }
    } catch {
      // It fails again when its turn comes.
      return i;
    }
  }

  /** The loop for the type of the only value, where there is one. */
  private get readAlike(): ReadAlike {
    const { only } = this.keys;
    if (only === undefined) return readNone;
    if (only.domain.isNumber) return readFinitesOf(only.source);
    return typeof only.domain.sample === 'string' ? readStringsOf(only.source) : readNone;
  }
}
