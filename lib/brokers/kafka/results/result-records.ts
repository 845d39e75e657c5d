import type { Class } from '../../../base/class.js';
import { isDate } from '../../../base/date.js';
import { quotedText } from '../../../base/shown-text.js';
import { shownValue } from '../../../base/shown-value.js';
import { thrownSentence, thrownText } from '../../../base/thrown.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { partitionChooser } from '../../partitions/partition-by-key.js';
import type { OutgoingRecord, TopicLimits } from '../client.js';
import { keyNeeded, recordTooLarge } from '../kafka-errors.js';
import type { ResultExpression, TopicOptions } from '../options/kafka-options.js';
import { partitionOfKey } from './key-partition.js';
import { recordKey } from './record-key.js';
import { batchOverhead, mostRecordBytes, recordBytes } from './record-size.js';

/** Makes the record of a result; `own` is the partition of its lane. */
export type RecordMaker = (element: any, own: number) => OutgoingRecord;

/** The topic of the records. */
export interface RecordTarget {
  readonly topic: string;
  readonly partitions: number;
  readonly limits: TopicLimits;
}

/** Returns the function that makes records from the results of a class. */
export function recordMaker(
  message: Class,
  write: (element: any) => string | Buffer,
  { key, timestamp, partitionBy }: TopicOptions<any>,
  { topic, partitions, limits }: RecordTarget,
): RecordMaker {
  const keyOf = key === undefined ? undefined : evaluating(key, message, 'key');
  const partitionOf = partitionChooser(partitionBy, partitionOfKey, partitions);
  const timeOf = timestamp === undefined ? undefined : evaluating(timestamp, message, 'timestamp');
  return (element, own) => {
    const made = keyOf === undefined ? null : keyIn(keyOf(element), message);
    if (made === null && limits.isCompacted === true) throw keyNeeded(message.name, topic, key !== undefined);
    const partition = partitionOf(made, own);
    const value = write(element);
    const timestamp = timeOf === undefined ? undefined : timeIn(timeOf(element), message);
    return { partition, key: made, value, timestamp };
  };
}

/** Throws for records that are too large for their topic even on their own, if its limit is known. */
export function withinLimit(record: RecordMaker, message: Class, { topic, limits }: RecordTarget): RecordMaker {
  const { maxBytes } = limits;
  if (maxBytes === undefined) return record;
  const small = maxBytes - batchOverhead;
  return (element, own) => {
    const made = record(element, own);
    if (mostRecordBytes(made, small) > small) {
      const bytes = batchOverhead + recordBytes(made);
      if (bytes > maxBytes) throw recordTooLarge({ topic, message: message.name, bytes, maxBytes });
    }
    return made;
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
      const sentence = `The ${option} of a ${message.name} could not be computed: ${thrownSentence(cause)} Fix the option ${option} of its topic.`;
      throw new WaterMillError('WM_BAD_RESULT', sentence, { message: message.name }, { cause });
    }
  };
}

function keyIn(value: unknown, message: Class): string | Buffer | null {
  const key = recordKey(value);
  if (key !== undefined) return key;
  const expected =
    'text without lone surrogates, bytes, a number, a bigint, a boolean, a Date, or what can be written as JSON';
  const found = quotedText(thrownText(value));
  throw new WaterMillError(
    'WM_BAD_RESULT',
    `The key of a ${message.name} is ${found}, expected ${expected}. Fix the option key of its topic.`,
    { message: message.name, expected, found },
  );
}

/** The last valid Date, in milliseconds. */
const latest = 8.64e15;

function timeIn(value: unknown, message: Class): number | undefined {
  if (value === undefined || value === null) return undefined;
  const time = isDate(value) ? value.getTime() : typeof value === 'bigint' ? Number(value) : value;
  if (typeof time === 'number' && time >= 0 && time <= latest) return Math.floor(time);
  const expected = 'a Date, or milliseconds since 1970';
  const found = isDate(value) ? 'an invalid Date' : shownValue(value);
  throw new WaterMillError(
    'WM_BAD_RESULT',
    `The timestamp of a ${message.name} is ${found}, expected ${expected}. Fix the option timestamp of its topic.`,
    { message: message.name, expected, found },
  );
}
