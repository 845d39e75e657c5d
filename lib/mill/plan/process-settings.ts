import { WaterMillError } from '../../base/watermill-error.js';
import type { FoundProcess } from './find/find-process.js';
import { describeValue } from './in-words.js';
import { checkNames, inputPlace, placesOf } from './option-checks.js';

const elsewhere = placesOf(inputPlace, [
  'the mill: new WaterMill({ … })',
  ['broker', 'outputBroker', 'inputs', 'commitEvery', 'logger', 'signal', 'freeze', 'maxOpen', 'onPlanChange'],
]);

/** Throws if the options of a process are not an object, or have unknown names. */
export function checkSettings(process: FoundProcess): void {
  const { name, settings } = process;
  if (typeof settings !== 'object' || settings === null) {
    throw new WaterMillError(
      'WM_PROCESS_FUNCTION',
      `${name}: expected options such as { emits: [Result], inject: [Clock] }, found ${describeValue(settings)}.`,
    );
  }
  const names = ['emits', 'inject', 'onError', 'concurrency'];
  checkNames(settings, process.what === 'function' ? [...names, 'unmatched', 'atEnd'] : names, name, elsewhere);
  const { concurrency } = settings;
  if (concurrency === undefined || (Number.isInteger(concurrency) && concurrency >= 1)) return;
  throw new WaterMillError(
    'WM_PROCESS_FUNCTION',
    `${name}: concurrency: expected how many calls may be in progress at once, a whole number, at least 1, found ${describeValue(concurrency)}.`,
    { found: describeValue(concurrency) },
  );
}
