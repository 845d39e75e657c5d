import { shared } from '../base/loaded-copies.js';
import type { MessageOrigin } from './batch.js';

/**
 * The source of a dead letter, including data that its class has no fields for: for brokers that can store it along
 * with the value.
 */
export interface LetterSource {
  readonly stream: string;
  readonly lane: string;
  readonly position: number;
  /** The message, unchanged; for a call that failed, its elements as JSON. */
  readonly raw: Uint8Array | string;
  readonly error: string;
  readonly origin: MessageOrigin | undefined;
}

/** The broker and the mill may be of different copies of this package. */
const sources = shared('letter sources', () => new WeakMap<object, LetterSource>());

export function noteLetterSource(letter: object, source: LetterSource): void {
  sources.set(letter, source);
}

/** Undefined for an element that is not a dead letter. */
export function letterSourceOf(letter: object): LetterSource | undefined {
  return sources.get(letter);
}
