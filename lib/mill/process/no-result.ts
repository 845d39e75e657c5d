import { WaterMillError } from '../../base/watermill-error.js';
import { describeValue, listed } from '../plan/in-words.js';
import type { ProcessPlan } from '../plan/plan.js';

/** The error for a value that is no result of a process. */
export function noResult(process: ProcessPlan, found: unknown): WaterMillError {
  return misuse(process, `${describeValue(found)}. ${mend(process, found)}`);
}

/** The error for elements that an array holds after `EndOfStream`. */
export function afterEnd(process: ProcessPlan, more: number): WaterMillError {
  return misuse(
    process,
    `an array with ${more} more after EndOfStream, which would be lost. Let EndOfStream be its last element`,
  );
}

function mend({ emits }: ProcessPlan, found: unknown): string {
  if (typeof found !== 'object' || found === null) return 'A result is an element of a message class, or nothing';
  if (Symbol.iterator in found) return 'Results are not nested: flatten the array, or in a generator use yield*';
  const prototype = Object.getPrototypeOf(found);
  const names = emits.map((each) => each.name);
  if (prototype === Object.prototype || prototype === null) {
    return `Make an element of it: message(${names[0] ?? 'Result'}, { … })`;
  }
  const name = prototype.constructor.name;
  const declared = names.length === 0 ? 'It emits nothing' : `It emits ${listed(names)}`;
  return `${declared}: add ${name} to emits, @Process({ emits: [${[...names, name].join(', ')}] })`;
}

function misuse(process: ProcessPlan, sentence: string): WaterMillError {
  return new WaterMillError('WM_RESULT', `${process.name} returned ${sentence}.`, { process: process.name });
}
