import type { Json } from '../../base/json.js';
import { shownValue } from '../../base/shown-value.js';
import { isPromise } from '../../messages/codec.js';
import { makeSnapshots } from '../../messages/index.js';
import type { Batch } from '../batch.js';
import { liesBehind, offsetFault, ownOffset, sameOffset } from './offset.js';
import { type SourcePlace, sourceBroke, sourceFailed } from './source-error.js';

/**
 * The point at which a source continues: the ordinal of the next value, and the source's own offset before it. JSON.
 */
export interface SourceMark {
  readonly next: number;
  readonly after?: Json;
  /** The offset of its first value, to detect a source that starts over; not kept if that is a number. */
  readonly start?: Json;
}

/** The number of values in a batch: more cost memory, fewer cost time. */
export const batchValues = 1024;

export const againAdvice =
  'A restart reads an iterable again from its beginning. If it cannot yield the same elements again, pass a function that takes `after`.';

/** The buffer between a source and its batches, with the ordinals and offsets of the values. */
export class ValuesBuffer {
  private values = noValues();
  private offsets: Json[] = [];
  private readonly snapshot = makeSnapshots();
  /** The ordinal of the next value, and the offset before the buffered ones. */
  private ordinal: number;
  private before: Json | undefined;
  private last: Json | undefined;
  private start: Json | undefined;
  /** The source was called to continue after `last`, and has not returned a value since. */
  private continues = false;

  constructor(
    private readonly source: Omit<SourcePlace, 'position'>,
    private readonly offsetOf: ((value: any) => Json) | undefined,
    mark: SourceMark,
  ) {
    this.ordinal = mark.next;
    this.before = mark.after;
    this.last = mark.after;
    this.start = mark.start;
  }

  /** The source is called: its values must come after `after`. */
  isOpened(): void {
    this.continues = this.last !== undefined;
  }

  get length(): number {
    return this.values.length;
  }

  /** The place of the next value. */
  get place(): SourcePlace {
    return { ...this.source, position: this.ordinal };
  }

  /** The offset after which the source continues. */
  get after(): Json | undefined {
    if (this.offsetOf !== undefined) return this.last;
    return this.ordinal === 0 ? undefined : this.ordinal - 1;
  }

  add(value: unknown): void {
    refusePromise(value, this);
    if (this.offsetOf !== undefined) this.note(this.offsetOf, value);
    // A source may emit the same object repeatedly: each value counts as it was when it was emitted.
    this.values.push(this.snapshot(value));
    this.ordinal++;
  }

  /** Returns all values added since the last batch. */
  batch(end: boolean): Batch {
    const { values, offsets, before, start } = this;
    const first = this.ordinal - values.length;
    const { offsetOf, last } = this;
    this.values = noValues();
    this.offsets = [];
    this.before = last;
    const markAt = (index: number): Json => {
      const next = first + index;
      if (offsetOf === undefined) return { next };
      const after = index === 0 ? before : offsets[Math.min(index, offsets.length) - 1];
      if (after === undefined) return { next };
      return start === undefined ? { next, after } : { next, after, start };
    };
    return { values, first, mark: markAt(0), markAt, end };
  }

  /** Checks that an iterable that starts over repeats its values: this is the last value that was processed. */
  checkLast(value: unknown): void {
    const { offsetOf, last } = this;
    if (offsetOf === undefined || last === undefined) return;
    const offset = this.offset(offsetOf, value);
    if (sameOffset(offset, last)) return;
    const expected = `the element whose offset is ${shownValue(last)} as number ${this.ordinal} of it`;
    throw sourceBroke(this.place, expected, `one whose offset is ${shownValue(offset)}`, againAdvice);
  }

  private offset(offsetOf: (value: any) => Json, value: unknown): Json {
    let offset: Json;
    try {
      offset = offsetOf(value);
    } catch (cause) {
      throw sourceFailed(this.place, cause, 'when its `offset` was asked for');
    }
    const fault = offsetFault(offset);
    if (fault !== undefined)
      throw sourceBroke(this.place, 'an offset that is JSON', fault, 'Positions are kept as JSON.');
    return offset;
  }

  private note(offsetOf: (value: any) => Json, value: unknown): void {
    const offset = this.offset(offsetOf, value);
    if (this.continues) this.checkFirst(offset);
    if (sameOffset(offset, this.last)) {
      const advice =
        'Reading after that place would start after both. Give each value its own offset, such as a time together with an id.';
      throw sourceBroke(this.place, 'an offset other than the one before', `${shownValue(offset)} again`, advice);
    }
    if (!liesBehind(offset, this.last)) {
      const advice =
        'A source continues after `after`, and numeric offsets must increase. If those of a source do not, make them strings.';
      throw sourceBroke(this.place, `an offset above ${shownValue(this.last)}`, shownValue(offset), advice);
    }
    const isFirst = this.last === undefined;
    this.last = ownOffset(offset);
    if (isFirst && typeof offset !== 'number') this.start = this.last;
    this.offsets.push(this.last);
  }

  /** Offsets other than numbers have no order, but none may come twice. */
  private checkFirst(offset: Json): void {
    this.continues = false;
    const { last, start } = this;
    const isLast = sameOffset(offset, last);
    if (!isLast && (start === undefined || !sameOffset(offset, start))) return;
    const found = `${shownValue(offset)}${isLast ? ' again' : ', the first one of the stream, again'}`;
    const advice =
      'Elements would be processed twice. A source function is called with the offset of the last processed element: ' +
      'return only the elements after it, as in `({ after }) => rowsAfter(after)`.';
    throw sourceBroke(this.place, `an offset after \`after\`, which is ${shownValue(last)}`, found, advice);
  }
}

/**
 * An empty array that is not specialized for small integers, as `[]` is in V8: a `push` that changes the kind of its
 * array is not optimized.
 */
function noValues(): unknown[] {
  const values: unknown[] = [undefined];
  values.pop();
  return values;
}

/**
 * Throws for a promise, which is not a value of a source: nothing would await it. `place` is read only then, since this
 * runs for every value.
 */
export function refusePromise(value: unknown, reader: { readonly place: SourcePlace }): void {
  if (!isPromise(value)) return;
  // An unhandled rejection would end the process before the error is reported.
  Promise.resolve(value).catch(() => {});
  throw sourceBroke(
    reader.place,
    'an element',
    'a promise',
    'Await it before it is yielded, or use an async iterable.',
  );
}
