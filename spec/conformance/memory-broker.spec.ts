import { MemoryMessageBroker } from 'watermill';
import {
  brokerConformance,
  type ConformanceHarness,
  type ConformanceStream,
  type ConformanceSubject,
} from 'watermill/conformance';

const subjectOf = (broker: MemoryMessageBroker): ConformanceSubject => ({
  broker,
  restart: () => broker,
  written: (message) => broker.written(message),
  ended: (message) => broker.ended(message),
});

const harness: ConformanceHarness = {
  breaks: true,
  async make(streams) {
    return subjectOf(new MemoryMessageBroker(streams.map((stream) => [stream.message, valuesOf(stream)] as const)));
  },
};

function valuesOf({ values, broken }: ConformanceStream): Iterable<object> {
  if (!broken) return values;
  return {
    *[Symbol.iterator]() {
      yield* values;
      throw new Error('there is no more');
    },
  };
}

describe('the memory broker follows the protocol:', () => {
  for (const { name, run } of brokerConformance(harness)) test(name, run);
});

describe('the memory broker follows the protocol with streams that can be iterated only once:', () => {
  const once: ConformanceHarness = {
    ...harness,
    async make(streams, outputs) {
      const iterators = new Map(streams.map((stream) => [stream.values, valuesOf(stream)[Symbol.iterator]()]));
      const iterable = (iterator: Iterator<object>) => ({
        next: () => iterator.next(),
        [Symbol.iterator]() {
          return this;
        },
      });
      const shared = new Map([...iterators].map(([values, iterator]) => [values, iterable(iterator)]));
      return harness.make(
        streams.map((stream) => ({ ...stream, broken: false, values: shared.get(stream.values) as never })),
        outputs,
      );
    },
  };
  for (const { name, run } of brokerConformance(once)) test(name, run);
});

describe('the memory broker follows the protocol with pushed streams:', () => {
  const pushed: ConformanceHarness = {
    async make(streams) {
      const broker = new MemoryMessageBroker(streams.map(({ message }) => [message] as const));
      for (const { message, values } of streams) {
        for (const value of values) broker.push(message, value);
        broker.end(message);
      }
      return subjectOf(broker);
    },
  };
  const oneStreamForTwoClasses = 'a stream of two classes has one id, and two readers have their own places';
  for (const { name, run } of brokerConformance(pushed)) if (name !== oneStreamForTwoClasses) test(name, run);
});
