import type { MessageClass } from '../../base/class.js';
import { namesakeAdvice } from '../../base/namesake.js';
import { refuseOtherVersion } from '../../base/other-version.js';
import { listed } from '../../base/shown-text.js';
import { classOf, memberOrNothing, safely, shownValue } from '../../base/shown-value.js';
import { isError } from '../../base/thrown.js';
import { isWaterMillError, WaterMillError } from '../../base/watermill-error.js';
import { EndOfStream } from '../../messages/end-of-stream.js';
import { isMessageClass } from '../../messages/schema.js';
import { describeValue } from '../plan/in-words.js';
import type { MadeProcess } from '../plan/made-process.js';
import type { ProcessOwner, ProcessPlan } from '../plan/plan.js';

/** The part of a process's plan that its results depend on. */
export interface EmittingProcess extends Pick<ProcessPlan, 'name' | 'emits'> {
  readonly owner: Pick<ProcessOwner, 'what'>;
  readonly made: Pick<MadeProcess, 'emitsWith'> | undefined;
}

/** The origin of results, for errors: a process, and the classes that it reads. */
export interface ResultPlace {
  readonly process: EmittingProcess;
  readonly reads: readonly MessageClass<any>[];
  /** The name of the function that returned them. */
  readonly method: string;
  /** `SpeedMeter.measure returned`. */
  readonly given: string;
}

/** The error for a value that is not a result of a process. */
export function noResult(place: ResultPlace, found: unknown): WaterMillError {
  refuseOtherVersion('A result', found);
  return misuse(place, `${describeValue(found)}. ${advice(place, found)}`);
}

/** The error for elements after `EndOfStream` in an array. */
export function afterEnd(place: ResultPlace, more: number): WaterMillError {
  return misuse(
    place,
    `an array with ${more} more after EndOfStream, which would be lost. Let EndOfStream be its last element`,
  );
}

/** The error for an invalid iterator or iterable. */
export function noIterator(place: ResultPlace, method: string, found: unknown, expected: string): WaterMillError {
  const isPromise = typeof memberOrNothing(found, 'then') === 'function';
  const remedy = isPromise ? '. An iterator that must be awaited is returned by [Symbol.asyncIterator]' : '';
  return misuse(place, `a broken iterator: its ${method} returned ${shownValue(found)}, expected ${expected}${remedy}`);
}

/** Returns whether an error is one of these: a mistake in the program, to which no policy applies. */
export function isMisuse(error: unknown): boolean {
  if (isWaterMillError(error) && error.code === 'WM_OTHER_VERSION') return true;
  return typeof error === 'object' && error !== null && misuses.has(error);
}

const misuses = new WeakSet<object>();

/** Marks an error as a mistake in the program. Returns it. */
export function asMisuse<E extends object>(error: E): E {
  misuses.add(error);
  return error;
}

function advice({ process, reads }: ResultPlace, found: unknown): string {
  if (found === EndOfStream) return 'Return an instance of it: new EndOfStream()';
  if (isMessageClass(found)) return `Make an element of it: message(${found.name}, { … })`;
  if (typeof found !== 'object' || found === null) return 'A result is an element of a message class, or nothing';
  if (typeof memberOrNothing(found, 'then') === 'function') {
    return 'Await it: of an array of promises return Promise.all(…), in a generator use async function*';
  }
  if (isError(found)) return 'To fail, throw it';
  if (safely(() => Symbol.iterator in found || Symbol.asyncIterator in found)) {
    return 'Results are not nested: flatten the array, or in a generator use yield*';
  }
  const name = classOf(found);
  const make = `message(${process.emits[0]?.name ?? 'Result'}, { … })`;
  if (name === undefined) return `Make an element of it: ${make}`;
  const type = safely(() => Object.getPrototypeOf(found).constructor as unknown);
  if (reads.some((each) => each === type)) return readToo(process, name);
  return undeclared(process, type, name, make);
}

/**
 * A stream that is read cannot be written as well, so adding the class to `emits` would only lead to the next error.
 */
function readToo(process: EmittingProcess, name: string): string {
  const own = `${name}Copy`;
  return (
    `${name} is read here, and its stream cannot be written as well. Give results their own class and stream: ` +
    `class ${own} extends alias(${name}, '${own}') {}, an entry for it, ${emitsWith(process, own)}, and return message(${own}, { … })`
  );
}

function undeclared(process: EmittingProcess, type: unknown, name: string, make: string): string {
  if (!isMessageClass(type)) return `${name} is not a message class. Make an element of one: ${make}`;
  const names = process.emits.map((each) => each.name);
  const declared = names.length === 0 ? 'It emits nothing' : `It emits ${listed(names)}`;
  return namesakeAdvice(type, process.emits) ?? `${declared}: add ${name} to emits, ${emitsWith(process, name)}`;
}

function emitsWith({ emits, owner, made }: EmittingProcess, name: string): string {
  const names = [...emits.map((each) => each.name), name].join(', ');
  if (made !== undefined) return made.emitsWith(names);
  const list = `{ emits: [${names}] }`;
  return owner.what === 'none' ? `processFunction(source, ${list}, …)` : `@Process(${list})`;
}

function misuse({ method, given }: ResultPlace, sentence: string): WaterMillError {
  return asMisuse(new WaterMillError('WM_RESULT', `${given} ${sentence}.`, { process: method }));
}
