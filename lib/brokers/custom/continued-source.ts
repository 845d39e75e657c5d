import type { Json } from '../../base/json.js';
import { type SourcePlace, sourceBroke } from './source-error.js';

/** What the positions of a source are: only a source of a kind with the same positions can continue from them. */
export type Positions = 'ordinals' | 'offsets' | 'batches' | 'ticks';

const sources = {
  ordinals: 'a source whose positions are ordinals (an iterable, or a function without `offset`)',
  offsets: 'a function with `offset`',
  batches: 'a batch source',
  ticks: 'every(…)',
};

/**
 * Throws if a mark was not made by a source with these positions, or with `also`: the source would start over, or
 * continue elsewhere.
 */
export function expectPositions(
  mark: Json | undefined,
  expected: Positions,
  stream: Omit<SourcePlace, 'position'>,
  also?: Positions,
): void {
  if (mark === undefined) return;
  const found = positionsOf(mark);
  if (found === expected || found === also || found === 'none') return;
  const place = { ...stream, ...(found !== undefined && { position: (mark as { readonly next: number }).next }) };
  const before = found === undefined ? 'the input of another broker' : sources[found];
  const advice =
    'The kept progress is of that source, and this one cannot continue from it. Restore it, or start over without the kept progress.';
  throw sourceBroke(place, before, sources[expected], advice);
}

/** The positions in a mark; 'none' before the first element, undefined if no custom source made it. */
function positionsOf(mark: Json): Positions | 'none' | undefined {
  if (typeof mark !== 'object' || mark === null || !('next' in mark) || typeof mark.next !== 'number') return undefined;
  if ('startedAt' in mark) return 'ticks';
  if (mark.next === 0 && !('after' in mark)) return 'none';
  if ('by' in mark) return 'batches';
  return 'after' in mark ? 'offsets' : 'ordinals';
}
