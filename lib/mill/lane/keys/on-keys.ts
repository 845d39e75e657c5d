import { partText, tupleText } from '../../../expressions/key-identity.js';
import type { EdgeSpec } from '../lane-spec.js';
import { KeyDomain } from './key-domain.js';
import { KeyTrack } from './key-track.js';

/** One side of an edge's `on`: reads the values of its elements. */
export class OnKeys {
  constructor(readonly tracks: readonly KeyTrack[]) {}

  /** The track of the only pair, if there is just one. */
  get only(): KeyTrack | undefined {
    return this.tracks.length === 1 ? this.tracks[0] : undefined;
  }

  /**
   * The values that were read last, combined to one key of a Map. Undefined: one of them is null, which equals nothing.
   */
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

/** The domains of the pairs of an edge's `on`, shared by both sides. */
export function onDomains({ on }: EdgeSpec): readonly KeyDomain[] {
  return on.map(() => new KeyDomain());
}

/** One side of an edge's `on`, if it has one. */
export function onKeysOf(edge: EdgeSpec, side: 0 | 1, domains: readonly KeyDomain[]): OnKeys | undefined {
  if (edge.on.length === 0) return undefined;
  return new OnKeys(edge.on.map((pair, i) => new KeyTrack(pair[side], domains[i] as KeyDomain, 'nullable')));
}
