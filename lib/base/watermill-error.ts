import type { ErrorCode } from './codes.js';
import { sharedClass } from './loaded-copies.js';
import { shownText } from './shown-text.js';
import { safely } from './shown-value.js';

/** Where a thing went wrong, as far as it is known. Every field is optional; the message says the same in words. */
export interface ErrorDetails {
  /** The message class, by its name. */
  readonly message?: string;
  /** The stream as the broker names it: a path, a topic. */
  readonly stream?: string;
  /** The position in the stream, in the broker's terms. */
  readonly position?: number | string;
  /** The field, as a path: `pos.lat`, `items[3].id`. */
  readonly field?: string;
  /** What was expected, in words. */
  readonly expected?: string;
  /** What was found instead, in words. */
  readonly found?: string;
  /** Anything else that helps a program to react. */
  readonly [more: string]: unknown;
}

/** How long the message of an error is at most, in characters. */
const longest = 2_000;

/**
 * The one error class of WaterMill. `code` is stable and listed in `docs/errors.md`; the message says what happened,
 * where, and what to do; `details` holds the same for programs; `cause` holds what is below, if anything.
 *
 * The message is one line of at most 2,000 characters. What it quotes (a key, a name, what was thrown) is shown
 * with escapes for what cannot be seen: `\n`, `\u200b`. In `details` and `cause` all is as it was.
 */
@sharedClass('WaterMillError')
export class WaterMillError extends Error {
  override readonly name = 'WaterMillError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details: ErrorDetails = {},
    options?: { cause?: unknown },
  ) {
    super(shownText(message, longest), options);
  }
}

/** Whether something that was thrown is one of ours. It never throws itself, as `instanceof` does for a revoked proxy. */
export function isWaterMillError(thrown: unknown): thrown is WaterMillError {
  return safely(() => thrown instanceof WaterMillError) === true;
}
