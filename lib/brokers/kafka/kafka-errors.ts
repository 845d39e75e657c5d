import { asSentence, reasonOf } from '../../base/thrown.js';
import { isWaterMillError, WaterMillError } from '../../base/watermill-error.js';
import { KafkaClientError } from './client.js';
import { metadataLimit } from './commit-metadata.js';

export function topicsMissing(topics: readonly string[]): WaterMillError {
  const names = topics.join(', ');
  return new WaterMillError(
    'WM_TOPIC_MISSING',
    `The cluster has no topic ${names}. Create it, or let the broker do so with createTopics: true; with ACLs, it may exist but be hidden from this user.`,
    { stream: names, expected: 'a topic', found: 'none' },
  );
}

export function notPermitted(topic: string, what: 'read' | 'write to'): WaterMillError {
  const right = what === 'read' ? 'Read' : 'Write';
  return new WaterMillError(
    'WM_KAFKA_FAILED',
    `This user may not ${what} the topic ${topic}. Give it the operation ${right} on the topic (an ACL), or check the user in the option sasl.`,
    { stream: topic, expected: `the operation ${right}`, found: 'no permission' },
  );
}

export function timestampReplaced(message: string, topic: string): WaterMillError {
  return new WaterMillError(
    'WM_BROKER_OPTIONS',
    `KafkaMessageBroker: the entry of ${message} has the option timestamp, but the cluster replaces the timestamps of ${topic} with the time at which it stores a record (message.timestamp.type=LogAppendTime). Leave the option out, or set message.timestamp.type=CreateTime of the topic.`,
    { message, stream: topic, expected: 'message.timestamp.type=CreateTime', found: 'LogAppendTime' },
  );
}

export function endsUnknown(topic: string): WaterMillError {
  return new WaterMillError(
    'WM_GUARANTEE',
    `Results go to ${topic} by their keys, but the lanes are those of another broker: nothing here knows when all of them have ended and the end marks can be written. Read from the same cluster, or leave the key out: partitionBy of the entry, or .through() of the flow.`,
    { stream: topic, expected: 'inputs on the same broker', found: 'another broker' },
  );
}

export function keyedTwice(message: string): WaterMillError {
  return new WaterMillError(
    'WM_BROKER_OPTIONS',
    `KafkaMessageBroker: the flow defines the key of ${message}, by .through(${message}, key), and so does the entry of ${message}. Leave key and partitionBy out of the entry.`,
    { message, expected: 'an entry without key and partitionBy', found: 'one with its own key' },
  );
}

export interface LostPosition {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly low: number;
  readonly high: number;
  /** The option `startFrom` names this offset. */
  readonly isStart: boolean;
}

export function positionLost(lost: LostPosition): WaterMillError {
  const { topic, partition, offset, low, high } = lost;
  return new WaterMillError(
    'WM_POSITION_LOST',
    `${lostRecords(lost)} Continue with what is left (onLostPositions: 'earliest'), or start over with another group.`,
    { stream: topic, partition, position: offset, expected: `an offset from ${low} to ${high}`, found: String(offset) },
  );
}

/** The line in the log if the loss is accepted. */
export function continuedAtEarliest(lost: LostPosition): string {
  return `${lostRecords(lost)} The mill continues at offset ${lost.low}, since onLostPositions is 'earliest'.`;
}

function lostRecords({ topic, partition, offset, low, high, isStart }: LostPosition): string {
  const place = `${topic}, partition ${partition}`;
  if (offset < low) {
    return `The records ${offset} to ${low - 1} of ${place} are gone: they were next to be read, and the cluster has deleted them (retention).`;
  }
  const recreated = 'the topic was recreated, or the cluster has lost records';
  return `Offset ${offset} of ${place} is beyond its end (${high}): ${isStart ? `the option startFrom is wrong, ${recreated}` : recreated}.`;
}

export function startUnknown(topic: string, partition: string, partitions: number): WaterMillError {
  const expected = `a partition below ${partitions}`;
  return new WaterMillError(
    'WM_BROKER_OPTIONS',
    `The option 'startFrom' of KafkaMessageBroker names partition ${partition} of ${topic}, which has ${partitions}: expected ${expected}.`,
    { stream: topic, expected, found: partition },
  );
}

export function topicGone(topic: string): WaterMillError {
  return new WaterMillError(
    'WM_TOPIC_MISSING',
    `The topic ${topic} was deleted while the mill was using it. Nothing more is read, written or committed. If it is recreated, its records are different: give the mill another group to start over.`,
    { stream: topic, expected: 'the topic', found: 'none' },
  );
}

/** The error for a recreated topic: noticed while the mill ran, or from the commit of an earlier run. */
export function topicRecreated(topic: string, was: string, is: string): WaterMillError {
  return new WaterMillError(
    'WM_POSITION_LOST',
    `The topic ${topic} was deleted and recreated (it was ${was}, and is ${is}): its records are not those that the mill has read, and positions in it no longer mean anything. Nothing more is committed. Start over with another group.`,
    { stream: topic, expected: was, found: is },
  );
}

export function partitionsAdded(topic: string, was: number, is: number): WaterMillError {
  return new WaterMillError(
    'WM_PARTITION_COUNTS',
    `The topic ${topic} gained partitions while the mill was using it: it had ${was}, and has ${is}. What producers write to the new ones would be left out, and keys may be in other partitions than before. ` +
      'What was read is committed. Give all topics of the mill equally many partitions, with equal keys in partitions of the same number, and run it again.',
    { stream: topic, expected: `${was} partitions`, found: String(is) },
  );
}

export function partitionAfterEnd(topic: string, partition: number, output: string): WaterMillError {
  return new WaterMillError(
    'WM_PARTITION_COUNTS',
    `The topic ${topic} gained partition ${partition} after the group had read all others to their end. Its results would follow the end marks in ${output}, where readers stop. ` +
      'Run the mill with another group, and give its results new topics.',
    { stream: topic, partition, expected: 'no partition after the end', found: String(partition) },
  );
}

export function foreignPositions(group: string, topic: string, partition: number): WaterMillError {
  return new WaterMillError(
    'WM_GROUP_POSITIONS',
    `The group ${group} has a position for ${topic}, partition ${partition}, that WaterMill did not write: another consumer uses the group, or its positions were reset by a tool or after records were deleted. ` +
      'Give the mill its own group; or delete the positions of this one to start over.',
    { stream: topic, partition, expected: "WaterMill's position", found: 'another one' },
  );
}

/**
 * The error for a group in which the position of the first topic, which carries the progress, is missing, while another
 * topic has one.
 */
export function progressGone(group: string, first: string, other: string, partition: number): WaterMillError {
  return new WaterMillError(
    'WM_GROUP_POSITIONS',
    `The group ${group} has a position for ${other}, partition ${partition}, but none for ${first}, which carries the mill's progress: ${first} was deleted and recreated, or its position was removed by a tool. Start over with another group.`,
    { stream: first, partition, expected: "WaterMill's position", found: 'none' },
  );
}

export function groupOfOthers(group: string, topics: readonly string[]): WaterMillError {
  return new WaterMillError(
    'WM_GROUP_IN_USE',
    `The group ${group} has a running mill with another plan or other topics than this one, which reads ${topics.join(', ')}: the processes of a group share the lanes of one mill. ` +
      'Stop that mill, or give this one its own group.',
    { expected: 'a group of this mill', found: 'another mill' },
  );
}

export function commitTooLarge(lane: string, bytes: number): WaterMillError {
  return new WaterMillError(
    'WM_COMMIT_TOO_LARGE',
    `The progress of lane ${lane} takes ${bytes} bytes of offset metadata, and Kafka keeps at most ${metadataLimit}. ` +
      'It holds the highest keys of every node: use shorter keys (a number instead of a long text), or fewer nodes in a tree. Results that it would cover are not written.',
    { lane, expected: `at most ${metadataLimit} bytes`, found: String(bytes) },
  );
}

export interface RecordTooLarge {
  readonly topic: string;
  readonly message: string;
  /** The table whose change it is; undefined for a result. */
  readonly table?: string;
  readonly bytes: number;
  readonly maxBytes: number | undefined;
}

/** `cause`: the answer of the cluster, if the limit was not known before. */
export function recordTooLarge(record: RecordTooLarge, cause?: unknown): WaterMillError {
  const { topic, message, table, bytes, maxBytes } = record;
  const most = maxBytes === undefined ? 'fewer' : `at most ${maxBytes}`;
  const what = table === undefined ? `An element of ${message}` : `An element of ${message} in the table ${table}`;
  const advice = table === undefined ? 'Write smaller results' : 'Put smaller elements';
  return new WaterMillError(
    cause === undefined ? 'WM_BAD_RESULT' : 'WM_KAFKA_FAILED',
    `${what} is too large for ${topic}: it takes ${bytes} bytes as a record, and the topic accepts ${most} (max.message.bytes). ${advice}, or raise max.message.bytes of the topic.`,
    { stream: topic, message, ...(table !== undefined && { table }), expected: `${most} bytes`, found: String(bytes) },
    { cause },
  );
}

export function keyNeeded(message: string, topic: string, hasOption: boolean): WaterMillError {
  const what = hasOption
    ? 'The option key of its entry returned none for this one.'
    : `The entry of ${message} has no option key.`;
  return new WaterMillError(
    'WM_BAD_RESULT',
    `An element of ${message} has no key, and ${topic} is compacted (cleanup.policy): it keeps the last record of each key, and accepts none without. ${what} ` +
      "Give the entry a key, such as key: field(…), and partitionBy: 'key' so that equal keys are in one partition.",
    { stream: topic, message, expected: 'a key', found: 'none' },
  );
}

export interface UndecodedPlace {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly why: string;
}

export function notDecompressed({ topic, partition, offset, why }: UndecodedPlace): WaterMillError {
  return new WaterMillError(
    'WM_KAFKA_FAILED',
    `Kafka failed at reading ${topic}, partition ${partition}: the records from offset ${offset} on cannot be read, ${asSentence(why)}`,
    { stream: topic, partition, position: offset, found: why },
  );
}

export function laneTaken(lane: string, cause: unknown): WaterMillError {
  return new WaterMillError(
    'WM_LANE_TAKEN',
    `Another process has taken over lane ${lane}: this one was silent for longer than the session timeout. What it had not committed is discarded.`,
    { lane },
    { cause },
  );
}

/** The error if the cluster cannot be reached or used. */
export function notConnected(cause: unknown, places: string): WaterMillError {
  const what = `connecting to ${places}`;
  if (!(cause instanceof KafkaClientError) || !(cause.kind === 'given up' || cause.kind === 'interrupted')) {
    return kafkaFailed(cause, what);
  }
  const found = cause.message;
  return new WaterMillError(
    'WM_KAFKA_FAILED',
    `Kafka failed at ${what}: ${found}. Check the option 'brokers', that Kafka runs there, that the addresses it advertises (advertised.listeners) can be reached from here, and that the option ssl is as that listener has it.`,
    { expected: 'a broker that answers', found },
    { cause },
  );
}

/** The error for a failure of the client, with its place. */
export function kafkaFailed(cause: unknown, what: string, stream?: string): WaterMillError {
  if (isWaterMillError(cause)) return cause;
  const found = reasonOf(cause);
  const kind = cause instanceof KafkaClientError ? cause.kind : 'other';
  return new WaterMillError(
    'WM_KAFKA_FAILED',
    `Kafka failed at ${what}: ${found}. ${fixes[kind]}`,
    { stream, found },
    { cause },
  );
}

const notMoved = 'Positions were not moved: run the mill again, and it continues from the last commit.';

const fixes = {
  fenced: 'Another process has the same group and partition; this one must stop.',
  unauthorised:
    'Check the option sasl (mechanism, user, password; whether that listener asks for it at all), and the rights of the user on topics, group and transactional ids; before Kafka 2.8 also IdempotentWrite on the cluster.',
  'too large': 'Write smaller results, or raise max.message.bytes of the topic.',
  'invalid record':
    'Where the topic is compacted (cleanup.policy), it accepts no record without a key: give the entry of the class a key.',
  'invalid timestamp':
    'Fix the option timestamp of the entry of the class, or change message.timestamp.after.max.ms or message.timestamp.before.max.ms of the topic.',
  'transaction timeout': 'Set transactionTimeoutMs to at most transaction.max.timeout.ms of the brokers.',
  interrupted: notMoved,
  'given up': `It was retried as the option retry says. ${notMoved}`,
  other: notMoved,
};
