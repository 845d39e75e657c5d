import 'reflect-metadata';
import { Field, joinStreams, Message, message, processFunction, WaterMill } from 'watermill';
import { KafkaMessageBroker } from 'watermill/kafka';
import { answerTo, commitEveryMs, type Relay } from './kafka-relay.js';
import { brokers, freshName } from './kafka-topics.js';

@Message()
class Asked {
  @Field() time!: number;
  @Field() x!: number;
}

@Message()
class Told {
  @Field() time!: number;
  @Field() y!: number;
}

/** A mill of one stream, to the stream's end. */
export async function relayThroughMill({ input, output, guarantee }: Relay): Promise<void> {
  const process = processFunction(joinStreams(Asked), { emits: [Told] }, ({ time, x }) =>
    message(Told, { time, y: answerTo(x) }),
  );
  const broker = new KafkaMessageBroker({
    brokers,
    group: freshName('mill'),
    guarantee,
    maxWaitMs: 50,
    topics: [
      [Asked, input],
      [Told, output],
    ],
  });
  await new WaterMill({ process, broker, commitEvery: { ms: commitEveryMs[guarantee] } }).run();
}
