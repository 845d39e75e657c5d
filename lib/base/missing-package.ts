import type { ErrorCode } from './codes.js';
import { memberOrNothing } from './shown-value.js';
import { reasonOf } from './thrown.js';
import { type ErrorDetails, WaterMillError } from './watermill-error.js';

/** The error for an optional peer that cannot be loaded. `subject`: what needs it, as the start of a sentence. */
export function missingPackage(
  name: string,
  subject: string,
  code: ErrorCode,
  cause: unknown,
  details?: ErrorDetails,
): WaterMillError {
  // Node adds the files that required it, on further lines.
  const message = memberOrNothing(cause, 'message');
  const [found] = typeof message === 'string' ? message.split('\n', 1) : [reasonOf(cause)];
  return new WaterMillError(
    code,
    `${subject} needs the package ${name}, which cannot be loaded. Run npm install ${name}.`,
    { ...details, expected: `the package ${name}`, found },
    { cause },
  );
}
