import { WaterMillError } from '../../base/watermill-error.js';
import type { FoundProcess } from './find/find-process.js';
import { describeValue } from './in-words.js';
import { checkNames } from './option-checks.js';
import { inputOptions, millOptions, processOptions } from './option-places.js';

/** Which a class has as methods. */
const methodNames = ['unmatched', 'atEnd'];

/**
 * Throws if the options of a process are not an object, or have unknown names. `millNames`: the options of a mill that
 * its plan does not need.
 */
export function checkSettings(process: FoundProcess, millNames: readonly string[]): void {
  const { name, settings } = process;
  if (typeof settings !== 'object' || settings === null) {
    throw new WaterMillError(
      'WM_PROCESS_FUNCTION',
      `${name}: expected options such as { emits: [Result], inject: [Clock] }, found ${describeValue(settings)}.`,
    );
  }
  const { names } = processOptions;
  const known = process.what === 'function' ? names : names.filter((each) => !methodNames.includes(each));
  checkNames(settings, known, name, [inputOptions, millOptions(millNames)]);
  const { concurrency } = settings;
  if (concurrency === undefined || (Number.isInteger(concurrency) && concurrency >= 1)) return;
  throw new WaterMillError(
    'WM_PROCESS_FUNCTION',
    `${name}: concurrency: expected how many calls may be in progress at once, a whole number, at least 1, found ${describeValue(concurrency)}.`,
    { found: describeValue(concurrency) },
  );
}
