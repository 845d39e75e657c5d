import 'reflect-metadata';
import { Field, field, joinStreams, joinWith, Message, message, processFunction, WaterMill } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import { brokers, filledTopic, freshName, makeTopic } from './kafka-topics.js';

@Message()
class Left {
  @Field() time!: number;
  @Field() x!: number;
}

@Message()
class Right {
  @Field() time!: number;
  @Field() y!: number;
}

@Message()
class Both {
  @Field() time!: number;
  @Field() x!: number;
  @Field() y!: number;
}

const tree = joinStreams(Left, joinWith(Right, { left: field(Left, 'time'), right: field(Right, 'time') }));

export interface JoinTopics {
  readonly left: string;
  readonly right: string;
  readonly output: string;
}

/** The inputs of the join, filled once, and a fresh output. */
export async function joinTopics(partitions: number, perPartition: number): Promise<JoinTopics> {
  const left = await filledTopic('left', partitions, perPartition, (i) => ({ value: leftText(i) }));
  const right = await filledTopic('right', partitions, perPartition, (i) => ({ value: rightText(i) }));
  return { left, right, output: await freshOutput(partitions) };
}

/** The same of one partition, with keys and timestamps, for those who join by them. */
export async function keyedJoinTopics(count: number): Promise<JoinTopics> {
  const keyed = (i: number, value: string) => ({ value, key: String(i), timestamp: String(timestampOf(i)) });
  const left = await filledTopic('keyed-left', 1, count, (i) => keyed(i, leftText(i)));
  const right = await filledTopic('keyed-right', 1, count, (i) => keyed(i, rightText(i)));
  return { left, right, output: await freshOutput(1) };
}

/** Milliseconds since 1970 of the element of this time. */
export function timestampOf(time: number): number {
  return 1_700_000_000_000 + time;
}

const leftText = (i: number): string => `{"time":${i},"x":${(i % 100) + 0.5}}`;
const rightText = (i: number): string => `{"time":${i},"y":${(i % 90) + 0.25}}`;

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
  /** Whether results have keys and timestamps, as those of `keyedJoinTopics`. */
  readonly keyed?: boolean;
}

/** Joins every partition of two topics on equal times, to its end. */
export async function joinThroughMill(
  { left, right, output }: JoinTopics,
  { guarantee = 'at-least-once', group = freshName('mill'), keyed = false }: JoinOptions = {},
): Promise<void> {
  const process = processFunction(tree, { emits: [Both] }, (here, found) => {
    const there = found.first(here);
    return message(Both, { time: here.time, x: here.x, y: there?.y ?? 0 });
  });
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
  await new WaterMill({ process, broker }).run();
}
