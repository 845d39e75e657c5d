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
  const left = await filledTopic('left', partitions, perPartition, (i) => `{"time":${i},"x":${(i % 100) + 0.5}}`);
  const right = await filledTopic('right', partitions, perPartition, (i) => `{"time":${i},"y":${(i % 90) + 0.25}}`);
  const output = freshName('both');
  await makeTopic(output, partitions);
  return { left, right, output };
}

/** Joins every partition of two topics on equal times, to its end. */
export async function joinThroughMill(
  { left, right, output }: JoinTopics,
  guarantee: 'at-least-once' | 'exactly-once',
): Promise<void> {
  const process = processFunction(tree, { emits: [Both] }, (here, found) => {
    const there = found.first(here);
    return message(Both, { time: here.time, x: here.x, y: there?.y ?? 0 });
  });
  const broker = new KafkaMessageBroker({
    brokers,
    group: freshName('mill'),
    guarantee,
    maxWaitMs: 50,
    topics: [
      [Left, left],
      [Right, right],
      [Both, output],
    ],
  });
  await new WaterMill({ process, broker }).run();
}
