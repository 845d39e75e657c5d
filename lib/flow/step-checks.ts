import { unknownOption } from '../base/option-names.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { isMessageClass } from '../messages/index.js';

/** The error for an invalid argument of a step. */
export function refused(sentence: string, expected: string, found: unknown): WaterMillError {
  const shown = shownValue(found);
  return new WaterMillError('WM_FLOW', `${sentence}: expected ${expected}, found ${shown}.`, {
    expected,
    found: shown,
  });
}

/** The error for an invalid result of a step's function. */
export function wrongValue(what: string, expected: string, found: unknown, fix = ''): WaterMillError {
  const shown = shownValue(found);
  return new WaterMillError('WM_FLOW_VALUE', `${what} ${shown}; expected ${expected}.${fix}`, {
    expected,
    found: shown,
  });
}

/** The error for a time with which a window cannot be computed. `problem`: a clause that follows the time. */
export function wrongTime(what: string, found: unknown, problem: string): WaterMillError {
  const shown = shownValue(found);
  return new WaterMillError('WM_FLOW_VALUE', `${what} ${shown}, and ${problem}`, { found: shown });
}

export function checkFunction(place: string, fn: unknown): void {
  if (typeof fn !== 'function') throw refused(place, 'a function', fn);
}

export function checkMessageClass(place: string, message: unknown): void {
  if (isMessageClass(message)) return;
  throw refused(place, 'a message class (write @Message() above it)', message);
}

export function checkName(method: string, name: unknown): void {
  if (typeof name === 'string' && name !== '') return;
  throw refused(`${method}: what it keeps is found again by the step's name, the first argument`, 'a text', name);
}

export function checkCount(place: string, count: unknown): void {
  if (!Number.isInteger(count) || (count as number) < 1) throw refused(place, 'a whole number, at least 1', count);
}

/** Throws unless the argument is an object with all needed options and no unknown ones. */
export function checkOptions(
  place: string,
  given: unknown,
  needed: readonly string[],
  others: readonly string[],
): void {
  const known = [...needed, ...others];
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw refused(place, `{ ${known.join(', ')} }`, given);
  }
  const unknown = unknownOption(given, known);
  if (unknown !== undefined) throw new WaterMillError('WM_FLOW', `${place} ${unknown.sentence}`, unknown.details);
  const missing = needed.find((name) => (given as Record<string, unknown>)[name] === undefined);
  if (missing === undefined) return;
  throw new WaterMillError('WM_FLOW', `${place}: ${missing} is missing. Give { ${needed.join(', ')} }.`, {
    expected: missing,
  });
}

export function checkBatch(place: string, options: unknown): void {
  checkOptions(place, options, ['size'], ['timeoutMs']);
  const { size, timeoutMs } = options as { readonly size: unknown; readonly timeoutMs?: unknown };
  checkCount(`${place}: size`, size);
  if (timeoutMs === undefined || (typeof timeoutMs === 'number' && timeoutMs > 0)) return;
  throw refused(`${place}: timeoutMs`, 'a number of milliseconds above 0', timeoutMs);
}
