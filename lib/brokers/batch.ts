import type { ErrorCode } from '../base/codes.js';
import type { Json } from '../base/json.js';
import { sharedClass } from '../base/loaded-copies.js';
import { safely } from '../base/shown-value.js';
import type { NumberRows } from '../messages/number-rows.js';

/** A run of a stream's values, in order. It does not change once it was returned. */
export interface Batch {
  /**
   * Parsed values (or bytes where the codec is `raw`), elements of the class, or `UnreadableMessage` for a value that
   * could not be parsed while those after it can.
   */
  readonly values: readonly unknown[];
  /**
   * The same values, where they are rows of numbers: then `values` makes objects of them when it is asked for.
   * @internal
   */
  readonly numberRows?: NumberRows | undefined;
  /** The position of the first value. */
  readonly first: number;
  /** The position of each value, increasing, where they are not `first`, `first + 1`, … */
  readonly positions?: readonly number[];
  /** Where to open the stream so that this batch's first value comes again as position `first`. JSON. */
  readonly mark: Json;
  /**
   * The same for the value at this index, from 1 on, up to the number of values for what comes after them: where a broker
   * is to get its place to the element. It is kept longer than the batch, so it should not hold its values. Default: a restart opens the stream at `mark` and skips what is done.
   */
  readonly markAt?: (index: number) => Json;
  /** Nothing comes after this batch. */
  readonly end: boolean;
  /** An `EndOfStream` may be among the values: the stream ends before it, whatever follows. Default: none does. */
  readonly mayHoldEnd?: boolean;
  /**
   * What the broker knows about the value at this index other than its position, if anything: called only for values
   * that a process function asks about, so nothing needs to be made before.
   */
  origin?(index: number): MessageOrigin;
}

/** How many values a batch has. No objects are made of its rows for that. */
export function countOf(batch: Batch): number {
  return batch.numberRows === undefined ? batch.values.length : batch.numberRows.count;
}

/** What a broker may know about a message in addition to its value and its position. */
export interface MessageOrigin {
  /** Milliseconds since 1970. */
  readonly timestamp?: number;
  /** What the broker calls the message, where that is not its position: the id of an entry. */
  readonly id?: string;
  /** How often the message was delivered, this time included, where the broker counts that. */
  readonly deliveries?: number;
  /** The message's key, as it came; of an entry of Redis, the key of its stream. */
  readonly key?: Uint8Array | string;
  readonly headers?: MessageHeaders;
  /** The message as it came: what its value was parsed from. */
  readonly raw?: Uint8Array;
  /** Of a stream of lines, its line, counted from 1. */
  readonly line?: number;
  /** Of a stream of several files, the name of its file. */
  readonly file?: string;
  /** Of a stream of text, the offset of its first byte. */
  readonly byte?: number;
}

/** By name; a name that came more than once has all of its values, in order. */
export type MessageHeaders = Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>;
export type HeaderValue = Uint8Array | string;

/** A value that could not be parsed; those after it can. */
@sharedClass('UnreadableMessage')
export class UnreadableMessage {
  constructor(
    readonly raw: Uint8Array | string,
    /** Whole sentences. */
    readonly reason: string,
    /** Of the error, where the policy is to fail. */
    readonly code: ErrorCode = 'WM_BAD_MESSAGE',
  ) {}
}

/** Whether a value is one. It never throws, whatever the value is. */
export function isUnreadable(value: unknown): value is UnreadableMessage {
  return safely(() => value instanceof UnreadableMessage) === true;
}
