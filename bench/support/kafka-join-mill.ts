import { WaterMill } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import { brokers, filledTopic, freshName, makeTopic } from './kafka-topics.js';
import { Both, type JoinPlaces, Left, leftText, pairUp, Right, rightText } from './pair-join.js';

/** The inputs of the join, filled once, and a fresh output. */
export async function joinTopics(partitions: number, perPartition: number): Promise<JoinPlaces> {
  const left = await filledTopic('left', partitions, perPartition, (i) => ({ value: leftText(i) }));
  const right = await filledTopic('right', partitions, perPartition, (i) => ({ value: rightText(i) }));
  return { left, right, output: await freshOutput(partitions) };
}

/** The same for one partition, with keys and timestamps, for programs that join by them. */
export async function keyedJoinTopics(count: number): Promise<JoinPlaces> {
  const keyed = (i: number, value: string) => ({ value, key: String(i), timestamp: String(timestampOf(i)) });
  const left = await filledTopic('keyed-left', 1, count, (i) => keyed(i, leftText(i)));
  const right = await filledTopic('keyed-right', 1, count, (i) => keyed(i, rightText(i)));
  return { left, right, output: await freshOutput(1) };
}

/** Milliseconds since 1970 of the element of this time. */
export function timestampOf(time: number): number {
  return 1_700_000_000_000 + time;
}

async function freshOutput(partitions: number): Promise<string> {
  const output = freshName('both');
  await makeTopic(output, partitions);
  return output;
}

export interface JoinOptions {
  /** Default: `at-least-once`. */
  readonly guarantee?: 'at-least-once' | 'exactly-once';
  /** The consumer group. Default: a fresh one. */
  readonly group?: string;
  /** Results have keys and timestamps, like those of `keyedJoinTopics`. */
  readonly keyed?: boolean;
}

/** Joins every partition of two topics on equal times, to its end. */
export async function joinThroughMill(places: JoinPlaces, options?: JoinOptions): Promise<void> {
  await joinMill(places, options).run();
}

/** The mill for this join. */
export function joinMill(
  { left, right, output }: JoinPlaces,
  { guarantee = 'at-least-once', group = freshName('mill'), keyed = false }: JoinOptions = {},
): WaterMill {
  const keys = keyed && { key: ({ time }: Both) => time, timestamp: ({ time }: Both) => timestampOf(time) };
  const broker = new KafkaMessageBroker({
    brokers,
    group,
    guarantee,
    maxWaitMs: 50,
    topics: [
      [Left, left],
      [Right, right],
      [Both, output, { ...keys }],
    ],
  });
  return new WaterMill({ process: pairUp, broker });
}
