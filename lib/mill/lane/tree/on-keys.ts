import { partText, tupleText } from '../../../expressions/key-identity.js';
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
    if (only !== undefined) return typeof only.current === 'object' ? tupleText(only.current) : only.current;
    let text = '';
    for (const { current } of this.tracks) {
      if (current === undefined) return undefined;
      text += partText(typeof current === 'object' ? tupleText(current) : current);
    }
    return text;
  }
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
