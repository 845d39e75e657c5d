import type { Class } from '../base/class.js';
import type { Broker, Connection, ConnectRequest, StreamEntry } from '../brokers/broker.js';
import { plainWriterOf } from '../messages/index.js';
import { KeptWriter } from './kept-writer.js';
import type { Plain } from './plain.js';
import { testAbilities } from './test-streams.js';
import { unknownClass } from './unknown-class.js';

/** The results of a test mill, class by class, as plain objects. */
export class TestResults implements Broker {
  readonly name = 'testMill';
  readonly abilities = testAbilities;
  private readonly lists = new Map<Class, Plain[]>();

  streamOf(message: Class): StreamEntry {
    if (!this.lists.has(message)) this.lists.set(message, []);
    return { label: message.name, id: `test results ${[...this.lists.keys()].indexOf(message)}` };
  }

  async connect({ outputs }: ConnectRequest): Promise<Connection> {
    const takers = outputs.map(({ message }) => plainWriterOf(message) as (element: object) => Plain);
    const lists = outputs.map(({ message }) => this.of(message));
    return {
      lanes: () => [],
      openWriter: async () => new KeptWriter(takers, lists),
      close: async () => {},
    };
  }

  /** The list of results of this class. */
  of(message: Class): Plain[] {
    const list = this.lists.get(message);
    if (list !== undefined) return list;
    throw unknownClass('WM_TEST_KIT', message, 'writes', this.lists.keys());
  }
}
