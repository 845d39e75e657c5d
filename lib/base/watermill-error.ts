import type { ErrorCode } from './codes.js';
import { sharedClass } from './loaded-copies.js';
import { shownText } from './shown-text.js';
import { safely } from './shown-value.js';

/**
 * The place and the cause of an error, as far as known. Every field is optional; the message says the same in words.
 */
export interface ErrorDetails {
  /** The name of the message class. */
  readonly message?: string;
  /** The stream, as named by the broker: a path, a topic. */
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

/** The maximum length of an error message, in characters. */
const longest = 2_000;

/**
 * The one error class of WaterMill. `code` is stable and listed in `docs/errors.md`; the message says what happened,
 * where, and what to do; `details` has the same for programs; `cause` is the underlying error, if there is one.
 *
 * The message is one line of at most 2,000 characters. Invisible characters in quoted values (a key, a name, a thrown
 * value) are escaped: `\n`, `\u200b`. `details` and `cause` have the values unchanged.
 *
 * @example
 * ```ts no-run
 * await mill.run().catch((error) => {
 *   if (error instanceof WaterMillError && error.code === 'WM_FILE_MISSING') return askForFile(error.details.stream);
 *   throw error;
 * });
 * ```
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

/** Returns whether a thrown value is a WaterMillError. Never throws, unlike `instanceof` for a revoked proxy. */
export function isWaterMillError(thrown: unknown): thrown is WaterMillError {
  return safely(() => thrown instanceof WaterMillError) === true;
}
