import type { KeyType } from '../client/redis-errors.js';
import type { ConnectionSetup } from './connection-setup.js';
import { takenLists } from './list-taking.js';
import { letterTarget } from './open-group.js';

/**
 * The keys that reading changes, and their types: lists of taken elements, acknowledged messages of groups, and their
 * dead letters.
 */
export function changedKeys({
  inputs,
  letterPlace,
  progress,
}: Pick<ConnectionSetup, 'inputs' | 'letterPlace' | 'progress'>): (readonly [key: string, type: KeyType])[] {
  return inputs.flatMap(({ place }) => {
    if (place.kind === 'stream') return [];
    if (place.kind === 'list') {
      const { own, from } = takenLists(progress!.group, place.keys);
      return place.delivery === 'at-least-once' ? [own, from].map((key) => [key, 'list'] as const) : [];
    }
    const letters = place.keys.map((stream) => letterTarget(place, stream, letterPlace));
    return [
      ...place.keys.map((key) => [key, 'stream'] as const),
      ...letters.map(({ key, place: { kind } }) => [key, kind] as const),
    ];
  });
}
