import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type Broker, JsonFileMessageBroker, MemoryMessageBroker } from 'watermill';
import { brokerConformance, type ConformanceHarness } from 'watermill/conformance';
import { SeveralBrokers } from '../../lib/brokers/several/several-brokers.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** Memory reads the first stream and leads; the other stream, and the results named by `inFiles`, are in files. */
function harnessOf(inFiles: 'all results' | 'every second result'): ConformanceHarness {
  return {
    async make(streams, outputs) {
      const directory = temporaryDirectory();
      const [first] = streams;
      const led = streams.filter(({ values }) => values === first?.values);
      const followed = streams.filter(({ values }) => values !== first?.values);
      const memory = new MemoryMessageBroker(led.map(({ message, values }) => [message, values] as const));
      const fileOf = (message: { name: string }): string => directory.file(`${message.name}.ndjson`);
      for (const { message, values } of followed) {
        writeFileSync(fileOf(message), values.map((value) => `${JSON.stringify(value)}\n`).join(''));
      }
      const written = outputs.filter((_, i) => inFiles === 'all results' || i % 2 === 0);
      const open = (): Broker => {
        for (const name of readdirSync(directory.path)) if (name.endsWith('.lock')) rmSync(directory.file(name));
        const inputs = followed.map(({ message }) => [message, fileOf(message)] as const);
        const results = written.map((message) => [message, fileOf(message)] as const);
        const files = new JsonFileMessageBroker([...inputs, ...results]);
        return new SeveralBrokers(memory, {
          inputs: new Map<any, Broker>([
            ...led.map(({ message }) => [message, memory] as const),
            ...followed.map(({ message }) => [message, files] as const),
          ]),
          outputs: new Map<any, Broker>(
            outputs.map((message) => [message, written.includes(message) ? files : memory] as const),
          ),
        });
      };
      return {
        broker: open(),
        restart: open,
        written: (message) =>
          written.includes(message)
            ? readFileSync(fileOf(message), 'utf8')
                .split('\n')
                .filter(Boolean)
                .map((line) => JSON.parse(line))
            : memory.written(message),
        ended: (message) => (written.includes(message) ? existsSync(fileOf(message)) : memory.ended(message)),
        dispose: () => directory.remove(),
      };
    },
  };
}

describe.each(['all results', 'every second result'] as const)(
  'several brokers, with %s in files, keep the protocol of one:',
  (inFiles) => {
    for (const { name, run } of brokerConformance(harnessOf(inFiles))) test(name, run);
  },
);
