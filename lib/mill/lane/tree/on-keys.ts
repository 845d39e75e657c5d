import { isDate } from '../../../base/date.js';
import { KeyDomain } from '../input/key-domain.js';
import { KeyTrack } from '../input/key-track.js';
import type { EdgeSpec } from '../lane-spec.js';

/** One side of an edge's `on`: the values that its elements have there. */
export class OnKeys {
  constructor(readonly tracks: readonly KeyTrack[]) {}

  /** The only pair's, where there is one. */
  get only(): KeyTrack | undefined {
    return this.tracks.length === 1 ? this.tracks[0] : undefined;
  }

  /** The values that were read last, as one that a Map finds again. Undefined: a null among them, equal to nothing. */
  get value(): unknown {
    const { only } = this;
    if (only !== undefined) return typeof only.current === 'object' ? textOf(only.current) : only.current;
    let text = '';
    for (const { current } of this.tracks) {
      if (current === undefined) return undefined;
      text += partOf(typeof current === 'object' ? textOf(current) : current);
    }
    return text;
  }
}

/** The parts of a tuple as one text. Tuples that are compared have the same types in the same places. */
function textOf(tuple: readonly unknown[]): string {
  let text = '';
  for (const part of tuple) text += partOf(isDate(part) ? part.getTime() : part);
  return text;
}

/** With its length no text can pass for two. */
function partOf(value: unknown): string {
  const text = String(value);
  return `${text.length} ${text}`;
}

/** What the values of each pair look like, on both sides of an edge. */
export function onDomains({ on }: EdgeSpec): readonly KeyDomain[] {
  return on.map(() => new KeyDomain());
}

/** A side of the `on` of an edge, where it has one. */
export function onKeysOf(edge: EdgeSpec, side: 0 | 1, domains: readonly KeyDomain[]): OnKeys | undefined {
  if (edge.on.length === 0) return undefined;
  return new OnKeys(edge.on.map((pair, i) => new KeyTrack(pair[side], domains[i] as KeyDomain, 'nullable')));
}
