import { message, processFunction, WaterMill } from 'watermill';
import type { KafkaOptions } from 'watermill/kafka';
import { Order, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, kafkaAddress } from './support/on-kafka.js';

/** An address without a listener. */
const nowhere = ['127.0.0.1:1'];
const process = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));

function mill(options: Partial<KafkaOptions>, warn = (_fields: object, _text: string): void => {}): WaterMill {
  const broker = kafkaBroker(
    [
      [Order, 'orders'],
      [Sale, 'sales'],
    ],
    { brokers: nowhere, ...options } as any,
  );
  return new WaterMill({ process, broker, logger: { debug() {}, info() {}, warn, error() {} } });
}

describe('without a reachable Kafka', () => {
  it('logs what it tries and when it retries, and finally what to check', async () => {
    const said: string[] = [];
    const retry = { retries: 2, initialRetryTime: 1 };
    const error = (await rejection(mill({ retry }, (_, text) => said.push(text)).run())) as Error;
    const attempt =
      'No broker answers at 127.0.0.1:1: Connection error: connect ECONNREFUSED 127.0.0.1:1. Trying again in';
    expect(said).toEqual([`${attempt} 1 ms`, `${attempt} 2 ms`]);
    expect(error).toMatchObject({ code: 'WM_KAFKA_FAILED' });
    expect(error.message).toMatch(
      /^Kafka failed at connecting to 127\.0\.0\.1:1: Connection error: .*\. Check the option 'brokers', that Kafka runs there/,
    );
  });

  it('stops at once', async () => {
    const stopping = mill(
      { retry: { initialRetryTime: 3_600_000, maxRetryTime: 3_600_000 } },
      () => void stopping.stop(),
    );
    expect((await stopping.run()).ended).toBe('stopped');
  });

  it.each([[['localhost']], [['kafka://localhost:9092']], ['localhost:9092'], [[]], [undefined]])(
    'refuses %j for brokers',
    (brokers) => {
      expect(() => mill({ brokers: brokers as any })).toThrow(
        "The option 'brokers' of KafkaMessageBroker is wrong: expected an array of host:port, such as ['localhost:9092'], found",
      );
    },
  );
});

describeOnKafka('with a Kafka that refuses', () => {
  const brokers = [kafkaAddress as string];
  const sasl = { mechanism: 'plain', username: 'u', password: 'do-not-tell' };

  it.each<[string, Partial<KafkaOptions>, RegExp]>([
    [
      'no topic can be made',
      { createTopics: { replicationFactor: 3 } },
      /creating the topics orders, sales: orders: Rep/,
    ],
    ['nobody is asked who they are', { sasl }, /Check the option sasl \(mechanism, user, password; whether that/],
    [
      'nothing is encrypted',
      { ssl: true, retry: { retries: 1 } },
      /and that the option ssl is as that listener has it/,
    ],
  ])('names what to check if %s', async (_, options, sentence) => {
    const error = (await rejection(mill({ brokers, ...options }).run())) as Error;
    expect(error).toMatchObject({ code: 'WM_KAFKA_FAILED' });
    expect(error.message).toMatch(sentence);
    expect(error.message).not.toContain('do-not-tell');
  });
});
