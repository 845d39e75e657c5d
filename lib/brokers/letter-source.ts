import { shared } from '../base/loaded-copies.js';
import type { MessageOrigin } from './batch.js';

/** What a dead letter is about, also where its class has no fields for it: for brokers that can carry it along with the value. */
export interface LetterSource {
  readonly stream: string;
  readonly lane: string;
  readonly position: number;
  /** The message as it came; of a call that failed, its elements as JSON. */
  readonly raw: Uint8Array | string;
  readonly error: string;
  readonly origin: MessageOrigin | undefined;
}

/** A broker may be of another copy of this package than the mill. */
const sources = shared('letter sources', () => new WeakMap<object, LetterSource>());

export function noteLetterSource(letter: object, source: LetterSource): void {
  sources.set(letter, source);
}

/** Undefined for what is not a dead letter. */
export function letterSourceOf(letter: object): LetterSource | undefined {
  return sources.get(letter);
}
