import type { Class } from '../../base/class.js';
import { isDate } from '../../base/date.js';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { OutgoingRecord } from './client.js';
import type { ResultExpression, TopicOptions } from './kafka-options.js';
import { partitionOfKey } from './key-partition.js';

/** Makes the record of a result; `own` is the partition of the lane that gives it. */
export type RecordMaker = (element: any, own: number) => OutgoingRecord;

/** How results of a class become records of a topic with so many partitions. */
export function recordMaker(
  message: Class,
  write: (element: any) => string,
  { key, timestamp, partitionBy }: TopicOptions<any>,
  partitions: number,
): RecordMaker {
  const keyOf = key === undefined ? undefined : evaluating(key, message, 'key');
  const timeOf = timestamp === undefined ? undefined : evaluating(timestamp, message, 'timestamp');
  return (element, own) => {
    const text = keyOf === undefined ? null : keyText(keyOf(element));
    const partition = partitionBy === 'key' && text !== null ? partitionOfKey(text, partitions) : own % partitions;
    const record = { partition, key: text, value: write(element) };
    return timeOf === undefined ? record : { ...record, timestamp: timeText(timeOf(element), message) };
  };
}

function evaluating(
  expression: ResultExpression<any>,
  message: Class,
  option: 'key' | 'timestamp',
): (element: any) => unknown {
  const evaluate: (element: any) => unknown =
    typeof expression === 'function' ? expression : (element) => expression.evaluate(element);
  return (element) => {
    try {
      return evaluate(element);
    } catch (cause) {
      const sentence = `The ${option} of a ${message.name} could not be computed: ${reasonOf(cause)}. Fix the option ${option} of its topic.`;
      throw new WaterMillError('WM_BAD_RESULT', sentence, { message: message.name }, { cause });
    }
  };
}

function keyText(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  if (isDate(value)) return value.toISOString();
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function timeText(value: unknown, message: Class): string | undefined {
  if (value === undefined || value === null) return undefined;
  const time = isDate(value) ? value.getTime() : typeof value === 'bigint' ? Number(value) : value;
  if (typeof time === 'number' && time >= 0) return String(Math.floor(time));
  const expected = 'a Date, or milliseconds since 1970';
  const found = isDate(value) ? 'an invalid Date' : String(value);
  throw new WaterMillError(
    'WM_BAD_RESULT',
    `The timestamp of a ${message.name} is ${found}, expected ${expected}. Fix the option timestamp of its topic.`,
    { message: message.name, expected, found },
  );
}
