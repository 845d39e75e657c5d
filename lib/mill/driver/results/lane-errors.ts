import { shownText } from '../../../base/shown-text.js';
import { classOf, memberOrNothing, shownValue } from '../../../base/shown-value.js';
import { thrownSentence } from '../../../base/thrown.js';
import { isWaterMillError, WaterMillError } from '../../../base/watermill-error.js';
import { isUnreadable, type MessageOrigin } from '../../../brokers/batch.js';
import type { BrokerLane } from '../../../brokers/broker.js';
import { keyType } from '../../../expressions/key.js';
import { keyInErrors } from '../../../expressions/key-code.js';
import { printKey, validKeys } from '../../../expressions/key-text.js';
import type { KeyUnit } from '../../../joins/matching/matching.js';
import { badMessageError } from '../../../messages/message-errors.js';
import { tableOf } from '../../../tables/table-description.js';
import type { ViolationAnswer } from '../../lane/answer.js';
import type { FailurePolicy, PlanNode, PlanTable } from '../../plan/plan.js';
import { sortCommand } from './sort-command.js';

/** The error for a value of a stream that is not an element of its class. */
export function badValueError(
  problem: unknown,
  node: PlanNode,
  position: number,
  origin: MessageOrigin | undefined,
): WaterMillError {
  const { line, file, byte } = origin ?? {};
  const place = { message: node.name, stream: node.input.label, position, line, file, byte };
  if (!isUnreadable(problem)) return badMessageError(problem, place);
  return badMessageError(problem.reason, place, problem.code);
}

/** Adds the policies that skip such a value. */
export function withPolicies(error: WaterMillError, { name }: PlanNode): WaterMillError {
  const policies = `inputs: [[${name}, { onBadMessage: 'skip' }]] or { deadLetter: BadMessage }`;
  return withSentence(error, `Fix the message or its class, or let the mill skip it: ${policies}.`, {});
}

/** The error for an element that breaks the order of a stream, if the node's policy is to fail. */
export function violationError(answer: ViolationAnswer, node: PlanNode): WaterMillError {
  const { expression, before, key, position } = answer;
  const details = {
    message: node.name,
    stream: node.input.label,
    position,
    expression: String(expression),
    before: before === undefined ? undefined : printKey(before),
    key: printKey(key),
  };
  const isOrder = answer.problem === 'order';
  return new WaterMillError(
    isOrder ? 'WM_ORDER_VIOLATED' : 'WM_INVALID_KEY',
    `${where(node, position)}: ${isOrder ? orderSentence(answer, node) : keySentence(answer)}`,
    details,
  );
}

function orderSentence({ expression, before, key }: ViolationAnswer, node: PlanNode): string {
  const command = sortCommand(node, expression);
  const by = String(expression) === 'function' ? 'this key' : expression;
  const sorted = `Sort ${node.input.label} by ${by}${command === undefined ? '' : ` (${command})`}, or`;
  return (
    `the key ${keyInErrors(expression)} is ${printKey(key)}, after ${printKey(before)} before it, but keys must not decrease along a stream. ` +
    `${sorted} let the mill skip such elements or put them in order: ` +
    `inputs: [[${node.name}, { order: 'skip' }]] or { order: { slack: … } }.`
  );
}

function keySentence(answer: ViolationAnswer): string {
  const { expression, key, reason } = answer;
  if (answer.problem === 'distance') {
    return `the key ${keyInErrors(expression)} is ${printKey(key)}, and ${reason}`;
  }
  return (
    `the key ${keyInErrors(expression)} is ${keyWithType(key)}, expected ${expectedKey(answer)}. ` +
    `${isOfArithmetic(answer) ? nanSentence : ''}Give every element of the stream such a key, leave out those without one, or read the field as the other type.`
  );
}

const nanSentence =
  'Arithmetic results in NaN after a division by zero, with an operand that is missing, and if a number is so large that adding ' +
  'a constant does not change it: use larger units then, or make the field a bigint. ';

/** Returns whether the key is the NaN of an expression, and not of a function of the user. */
function isOfArithmetic({ expression, key }: ViolationAnswer): boolean {
  return Number.isNaN(key) && expression.code !== undefined;
}

const neededBy: { readonly [U in KeyUnit]: string } = {
  number: 'a number or a Date, as distances need',
  bigint: 'a bigint, as its distances are',
  Date: 'a Date, as a calendar needs',
};

function expectedKey({ before, key, problem, unit = 'number' }: ViolationAnswer): string {
  if (problem === 'unit')
    return unit === 'number' && typeof key === 'bigint'
      ? `${neededBy.number}, or distances that are bigints too, such as 100n`
      : neededBy[unit];
  if (problem === 'type' && before !== undefined) return `a key that can be compared with ${printKey(before)}`;
  return validKeys;
}

/** The type is shown only of keys, which differ by it alone: "1" and 1. */
function keyWithType(key: unknown): string {
  if (keyType(key) === undefined) return printKey(key);
  return `${printKey(key)} (${typeof key === 'object' && key !== null ? classOf(key) : typeof key})`;
}

/** The subject of a call: elements of the master, an unmatched child, or the end of the streams. */
export interface Subject {
  /** The name of the called function. */
  readonly method: string;
  readonly node: PlanNode;
  /** Empty for a call without elements; `moment` is set instead. */
  readonly elements: readonly object[];
  readonly from: number;
  readonly to: number;
  /** The origins of the elements, if they were looked up earlier. */
  readonly origins?: readonly MessageOrigin[];
  readonly moment?: Moment;
}

/** The occasion of a call without elements. */
export type Moment = 'when the streams had ended' | 'when a timeout of a step had passed';

/** The error for a failed process function. */
export function processError(cause: unknown, subject: Subject, policy: FailurePolicy): WaterMillError {
  const { method: process, node, elements, from } = subject;
  const place = elements.length === 0 ? {} : { message: node.name, stream: node.input.label, position: from };
  return new WaterMillError(
    'WM_PROCESS_FAILED',
    `${capitalised(process)} failed ${elements.length === 0 ? '' : 'on '}${placeOf(subject)}: ${thrownSentence(cause)} ${outcomeOf(subject, policy)}`,
    { ...place, process },
    { cause },
  );
}

/**
 * Adds to an error about a result, or about an element put into a table, the elements that the process function was
 * called with.
 */
export function resultError(error: WaterMillError, subject: Subject, policy: FailurePolicy): WaterMillError {
  const { method: process, node, elements, from } = subject;
  const { table } = error.details;
  const isAtEnd = elements.length === 0;
  return withSentence(
    error,
    `${capitalised(process)} ${table === undefined ? 'returned it' : `put it into the table ${table}`} ${isAtEnd ? '' : 'for '}${placeOf(subject)}. ${outcomeOf(subject, policy)}`,
    isAtEnd ? { process } : { stream: node.input.label, position: from, process },
  );
}

/**
 * Writes an element that no call has returned. An error about it says what it is: the dead letter of a message, or a
 * late element.
 */
export function writingUncalled(write: () => void, what: string, node: PlanNode, position: number): void {
  try {
    write();
  } catch (error) {
    if (!isWaterMillError(error) || error.code !== 'WM_BAD_RESULT') throw error;
    throw withSentence(error, `It is ${what}.`, { stream: node.input.label, position });
  }
}

/** Adds to an error about a value that is not a result the elements that it was returned for. */
export function misuseError(error: unknown, subject: Subject): unknown {
  if (!isWaterMillError(error)) return error;
  const { node, elements, from } = subject;
  if (elements.length === 0) return withSentence(error, `That was the call ${placeOf(subject)}.`, {});
  const place = { message: node.name, stream: node.input.label, position: from };
  return withSentence(error, `That was the call for ${placeOf(subject)}.`, place);
}

/** Explains the error of a call that changed something frozen: elements, or the contents of a table. */
export function frozenError(error: WaterMillError, freeze: boolean, tables: readonly PlanTable[]): WaterMillError {
  const sentences = [];
  if (freeze) {
    sentences.push(
      'Calls share elements, and this mill freezes them (freeze: true): change a copy, or keep what you compute elsewhere.',
    );
  }
  const areOfSteps = tables.map(({ table }) => tableOf(table)?.key === undefined);
  if (areOfSteps.includes(false)) {
    sentences.push('Elements of a table are frozen: put what you change, visits.put({ ...element, count: 2 }).');
  }
  if (areOfSteps.includes(true)) {
    sentences.push(
      'Lists and objects inside the state of a step are frozen: return new ones, { ...state, list: [...state.list, value] }.',
    );
  }
  return sentences.length === 0 ? error : withSentence(error, sentences.join(' '), {});
}

/** What happens to a failed call, and what to do if the run ends with it. */
function outcomeOf({ moment }: Subject, policy: FailurePolicy): string {
  if (policy === 'skip') return "The call is skipped, with all its results (onError: 'skip').";
  if (policy !== 'fail') return `A dead letter is written to ${policy.deadLetter.name} instead of its results.`;
  const kept = moment === 'when the streams had ended' ? 'The lane has not ended' : 'No position moves past it';
  return `${kept}: fix the cause and run again, or set onError: 'skip' or { deadLetter } in the process's options.`;
}

/** The elements of a call, or its occasion. */
export function placeOf({ node, moment, from, to }: Subject): string {
  if (moment !== undefined) return moment;
  const elements = from === to ? `at position ${from}` : `in the window from position ${from} to ${to}`;
  return `${node.name} ${elements} of ${node.input.label}`;
}

/** Adds the stream to a lane's error about a key that could not be computed: the lane does not know its streams. */
export function keyError(error: unknown, nodes: readonly PlanNode[]): unknown {
  if (!isWaterMillError(error) || error.code !== 'WM_KEY_FAILED') return error;
  const node = nodes.find(({ name }) => name === error.details.message);
  if (node === undefined) return error;
  return withSentence(error, `The stream is ${node.input.label}.`, { stream: node.input.label });
}

/** Adds the file and the line of the element, if its stream is read from files. */
export function withLine(
  error: unknown,
  feeds: readonly { readonly node: PlanNode; originAt(position: number): MessageOrigin | undefined }[],
): unknown {
  if (!isWaterMillError(error)) return error;
  const { stream, position, line: known, file: knownFile } = error.details;
  if (known !== undefined || knownFile !== undefined) return error;
  if (typeof position !== 'number') return error;
  // Nodes on one stream are at different positions: any of them may still have the batch.
  const origins = feeds.map((feed) => (feed.node.input.label === stream ? feed.originAt(position) : undefined));
  const { line, file } = origins.find((found) => found !== undefined) ?? {};
  if (line === undefined && file === undefined) return error;
  const where = line === undefined ? 'in' : `line ${line} of`;
  const name = file === undefined ? '' : ` ${shownText(file, 200)}`;
  return withSentence(error, `Position ${position} is ${where} the file${name}.`, {
    ...(line !== undefined && { line }),
    ...(file !== undefined && { file }),
  });
}

/** The error for a window's `onTimeout` that threw. */
export function timeoutKeyError(cause: unknown, node: PlanNode): unknown {
  if (isWaterMillError(cause)) return cause;
  return new WaterMillError(
    'WM_TIMEOUT_KEY_FAILED',
    `${node.name}: onTimeout of its window threw: ${thrownSentence(cause)} It must return a key for a time when nothing arrived from ${node.input.label}.`,
    { message: node.name, stream: node.input.label },
    { cause },
  );
}

/** Throws if a value is not a lane, before it is used. */
export function expectLane(lane: BrokerLane): void {
  const isLane =
    typeof memberOrNothing(lane, 'name') === 'string' &&
    typeof memberOrNothing(lane, 'openReader') === 'function' &&
    typeof memberOrNothing(lane, 'commit') === 'function';
  if (!isLane)
    throw new TypeError(`lanes() returned ${shownValue(lane)}, expected a lane { name, openReader, commit }`);
}

/** Adds a sentence and details to an error. */
export function withSentence(error: WaterMillError, sentence: string, details: object): WaterMillError {
  const extended = new WaterMillError(
    error.code,
    `${error.message} ${sentence}`,
    { ...error.details, ...details },
    error.cause === undefined ? undefined : { cause: error.cause },
  );
  if (error.stack !== undefined) extended.stack = error.stack.replace(error.message, () => extended.message);
  return extended;
}

function capitalised(name: string): string {
  return name.startsWith('the ') ? `T${name.slice(1)}` : name;
}

/** The place of an element. */
export function where(node: PlanNode, position: number): string {
  return `${node.name} at position ${position} of ${node.input.label}`;
}
