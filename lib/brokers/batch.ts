import type { ErrorCode } from '../base/codes.js';
import type { Json } from '../base/json.js';
import { sharedClass } from '../base/loaded-copies.js';
import { safely } from '../base/shown-value.js';
import type { NumberRows } from '../messages/number-rows.js';

/** A run of a stream's values, in order. Immutable once it was returned. */
export interface Batch {
  /**
   * Parsed values (or bytes if the codec is `raw`), elements of the class, or an `UnreadableMessage` for a value that
   * could not be parsed while the values after it can.
   */
  readonly values: readonly unknown[];
  /**
   * The same values as rows of numbers, if they are that: then `values` makes their objects on demand.
   * @internal
   */
  readonly numberRows?: NumberRows | undefined;
  /** The position of the first value. */
  readonly first: number;
  /** The position of each value, increasing, if they are not `first`, `first + 1`, … */
  readonly positions?: readonly number[];
  /**
   * The mark at which to open the stream so that the first value of this batch comes again, at position `first`. JSON.
   */
  readonly mark: Json;
  /**
   * Like `mark`, for the value at this index, from 1 on; the number of values stands for the end of the batch. For
   * brokers that need positions to the element. It is kept longer than the batch, so it should not reference the
   * values. Default: a restart opens the stream at `mark` and skips the elements that are done.
   */
  readonly markAt?: (index: number) => Json;
  /** This is the last batch. */
  readonly end: boolean;
  /** An `EndOfStream` may be among the values: the stream ends before it, whatever follows. Default: there is none. */
  readonly mayHoldEnd?: boolean;
  /**
   * What else the broker knows about the value at this index. Called only for values that a process function asks
   * about, so nothing has to be prepared.
   */
  origin?(index: number): MessageOrigin;
}

/** The number of values in a batch. Does not make objects of its rows. */
export function countOf(batch: Batch): number {
  return batch.numberRows === undefined ? batch.values.length : batch.numberRows.count;
}

/** Metadata of a message, as far as the broker has it, in addition to its value and its position. */
export interface MessageOrigin {
  /** Milliseconds since 1970. */
  readonly timestamp?: number;
  /** The broker's id of the message, if that is not its position: the id of an entry. */
  readonly id?: string;
  /** How often the message was delivered, this time included, if the broker counts that. */
  readonly deliveries?: number;
  /** The key of the message, unchanged; for an entry of Redis, the key of its stream. */
  readonly key?: Uint8Array | string;
  readonly headers?: MessageHeaders;
  /** The message before parsing, unchanged. */
  readonly raw?: Uint8Array;
  /** For a stream of lines: the line, counted from 1. */
  readonly line?: number;
  /** For a stream of several files: the name of the file. */
  readonly file?: string;
  /** For a stream of text: the offset of the first byte. */
  readonly byte?: number;
}

/** By name. A name that occurs more than once has all of its values, in order. */
export type MessageHeaders = Readonly<Record<string, HeaderValue | readonly HeaderValue[]>>;
/** The value of a header: bytes, or text if the broker has text. */
export type HeaderValue = Uint8Array | string;

/** A value that could not be parsed, while the values after it can. */
@sharedClass('UnreadableMessage')
export class UnreadableMessage {
  constructor(
    readonly raw: Uint8Array | string,
    /** One or more whole sentences. */
    readonly reason: string,
    /** The code of the error, if the policy is to fail. */
    readonly code: ErrorCode = 'WM_BAD_MESSAGE',
  ) {}
}

/** Returns whether a value is an `UnreadableMessage`. Never throws, whatever the value is. */
export function isUnreadable(value: unknown): value is UnreadableMessage {
  return safely(() => value instanceof UnreadableMessage) === true;
}
