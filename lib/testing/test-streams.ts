import type { Class } from '../base/class.js';
import type {
  Broker,
  BrokerAbilities,
  BrokerTimeouts,
  Connection,
  ConnectRequest,
  StreamEntry,
} from '../brokers/broker.js';
import { BackPressure } from '../brokers/memory/back-pressure.js';
import { PushedStream } from '../brokers/memory/pushed-stream.js';
import { noResults } from '../brokers/no-results.js';
import { unknownClass } from './unknown-class.js';

/** Nothing is remembered, so nothing is committed: time affects only what the mill itself does by time. */
export const testAbilities: BrokerAbilities = Object.freeze({
  remembers: false,
  rereads: false,
  transactions: false,
  writesAnyClass: true,
});

/** The streams of a test mill: each class in its tree has a stream to push into. */
export class TestStreams implements Broker {
  readonly name = 'testMill';
  readonly abilities = testAbilities;
  private readonly streams = new Map<Class, PushedStream>();

  constructor(readonly timeouts: BrokerTimeouts) {}

  streamOf(message: Class): StreamEntry {
    // A push waits until the mill has done everything it can: there is no other back-pressure.
    if (!this.streams.has(message)) {
      this.streams.set(message, new PushedStream(message.name, Number.POSITIVE_INFINITY, new BackPressure()));
    }
    return {
      label: message.name,
      id: `test stream ${[...this.streams.keys()].indexOf(message)}`,
      acceptPropertyNames: true,
    };
  }

  async connect({ inputs }: ConnectRequest): Promise<Connection> {
    const readers = inputs.map(({ message }) => this.of(message).openReader(0));
    return {
      lanes: () => [
        { name: '0', committed: undefined, openReader: async (input) => readers[input]!, commit: async () => {} },
      ],
      // Results are written elsewhere.
      openWriter: async () => noResults,
      close: async () => {
        await Promise.all(readers.map((reader) => reader.close()));
      },
    };
  }

  /** The stream that is read as this class. */
  of(message: Class): PushedStream {
    const stream = this.streams.get(message);
    if (stream !== undefined) return stream;
    throw unknownClass('WM_PUSH', message, 'reads', this.streams.keys());
  }

  endAll(): void {
    for (const stream of this.streams.values()) stream.end();
  }
}
