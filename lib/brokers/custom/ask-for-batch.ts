import type { Json } from '../../base/json.js';
import { shownValue } from '../../base/shown-value.js';
import type { WaterMillError } from '../../base/watermill-error.js';
import { liesBehind, offsetFault, ownOffset, sameOffset } from './offset.js';
import type { BatchRequest, BatchSource, SourceBatch } from './source.js';
import { type SourcePlace, sourceBroke } from './source-error.js';

/** The bounds of a batch: after `after`, up to `to`. */
export interface BatchBounds {
  readonly after?: Json | undefined;
  readonly to?: Json | undefined;
}

/**
 * Asks a batch source for a batch and checks the answer: its bounds must be JSON; its `to` must be the requested one
 * or, without one, come after `after`, and not be the end of the first batch again. Undefined if there are no elements
 * yet.
 *
 * @param first See `endOfFirst`.
 * @throws WaterMillError `WM_SOURCE_PROTOCOL`; and whatever the source throws.
 */
export async function askForBatch<T>(
  source: BatchSource<T, any>,
  request: BatchRequest,
  place: SourcePlace,
  first: Json | undefined,
): Promise<SourceBatch<T, Json> | undefined> {
  const { after, to, signal } = request;
  const batch = await source.read({ after: ownOffset(after), to: ownOffset(to), signal });
  if (batch === undefined || batch === null) {
    if (to !== undefined && !signal.aborted) throw notTheSameBatch(place, request, 'nothing');
    return undefined;
  }
  if (typeof batch !== 'object' || !('data' in batch) || !('to' in batch)) {
    const advice = 'read() returns { data, to }, or undefined if there is nothing yet.';
    throw sourceBroke(place, 'a batch { data, to }', shownValue(batch), advice);
  }
  const { data, to: end } = batch;
  const fault = offsetFault(end);
  if (fault !== undefined) throw sourceBroke(place, 'a `to` that is JSON', fault, 'Positions are kept as JSON.');
  if (to !== undefined && !sameOffset(end, to)) {
    throw notTheSameBatch(place, request, `one up to ${shownValue(end)}`);
  }
  if (to === undefined && !liesBehind(end, after)) {
    const expected = `a batch that ends after ${shownValue(after)}`;
    const advice = 'Return undefined if nothing has arrived.';
    throw sourceBroke(place, expected, `one up to ${shownValue(end)}`, advice);
  }
  if (to === undefined && after !== undefined && first !== undefined && sameOffset(end, first)) {
    const found = `the first batch again, up to ${shownValue(end)}`;
    const advice = 'Elements would be processed twice. Return only the elements after `after`.';
    throw sourceBroke(place, `a batch that ends after ${shownValue(after)}`, found, advice);
  }
  return { data, to: ownOffset(end) };
}

/**
 * The end of a source's first batch, to detect a source that ignores `after` and starts over. Undefined if that is a
 * number: those must increase anyway.
 *
 * @param bounds Those of any batch of the source.
 * @param known The end of its first batch, unless `bounds` are that batch.
 */
export function endOfFirst({ after, to }: BatchBounds, known: Json | undefined): Json | undefined {
  return after === undefined && typeof to !== 'number' ? to : known;
}

export function notTheSameBatch(place: SourcePlace, { after, to }: BatchBounds, found: string): WaterMillError {
  const from = after === undefined ? 'the beginning' : shownValue(after);
  const expected = `exactly what follows ${from} up to ${shownValue(to)}`;
  return sourceBroke(place, expected, found, 'A batch that was read before must be returned again unchanged.');
}
