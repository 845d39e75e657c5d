import type { Class } from '../base/class.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Broker, Connection, ConnectRequest, StreamEntry } from '../brokers/broker.js';
import { plainWriterOf } from '../messages/index.js';
import { KeptWriter } from './kept-writer.js';
import type { Plain } from './plain.js';
import { testAbilities } from './test-streams.js';

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
    const name = typeof message === 'function' ? message.name : String(message);
    const expected = [...this.lists.keys()].map(({ name }) => name).join(', ') || 'nothing';
    throw new WaterMillError('WM_TEST_KIT', `The mill writes no ${name}: it writes ${expected}.`, {
      message: name,
      expected,
      found: name,
    });
  }
}
