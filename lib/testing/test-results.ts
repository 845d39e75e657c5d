import type { Class } from '../base/class.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Broker, Connection, ConnectRequest, LaneWriter, StreamEntry } from '../brokers/broker.js';
import { plainWriterOf } from '../messages/index.js';
import type { Plain } from './plain.js';
import { testAbilities } from './test-streams.js';

/** What a test mill has written, class by class, as plain objects. */
export class TestResults implements Broker {
  readonly name = 'testMill';
  readonly abilities = testAbilities;
  private readonly lists = new Map<Class, Plain[]>();

  streamOf(message: Class): StreamEntry {
    if (!this.lists.has(message)) this.lists.set(message, []);
    return { label: message.name, id: `test results ${[...this.lists.keys()].indexOf(message)}` };
  }

  async connect({ outputs }: ConnectRequest): Promise<Connection> {
    return {
      lanes: () => [],
      openWriter: async () => new PlainWriter(outputs.map(({ message }) => ({ message, list: this.of(message) }))),
      close: async () => {},
    };
  }

  /** The list that results of this class are added to. */
  of(message: Class): Plain[] {
    const list = this.lists.get(message);
    if (list !== undefined) return list;
    const name = typeof message === 'function' ? message.name : String(message);
    const expected = [...this.lists.keys()].map(({ name }) => name).join(', ') || 'nothing';
    throw new WaterMillError('WM_TEST_KIT', `The mill writes no ${name}: it writes ${expected}.`, {
      message: name,
      expected,
      found: name,
    });
  }
}

interface Output {
  readonly message: Class;
  readonly list: Plain[];
}

/** Keeps of every result the plain object that would be written. */
class PlainWriter implements LaneWriter {
  constructor(private readonly outputs: readonly Output[]) {}

  takerOf(output: number): (element: object) => unknown {
    return plainWriterOf(this.outputs[output]!.message);
  }

  writeTaken(output: number, taken: readonly Plain[]): void {
    const { list } = this.outputs[output]!;
    for (const plain of taken) list.push(plain);
  }

  write(output: number, elements: readonly object[]): void {
    this.writeTaken(output, elements.map(this.takerOf(output)) as Plain[]);
  }

  async flush(): Promise<undefined> {}
  async end(): Promise<void> {}
  async publish(): Promise<void> {}
  async close(): Promise<undefined> {}
}
