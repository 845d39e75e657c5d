import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type Broker, JsonFileMessageBroker } from 'watermill';
import { brokerConformance, type ConformanceHarness, type ConformanceStream } from 'watermill/conformance';
import { temporaryDirectory } from '../support/temporary-directory.js';

interface Kind {
  readonly group: string | undefined;
  readonly extension: string;
}

describe.each<[string, Kind]>([
  ['arrays, with a group', { group: 'a group', extension: 'json' }],
  ['arrays, without a group', { group: undefined, extension: 'json' }],
  ['lines, with a group', { group: 'lines', extension: 'ndjson' }],
  ['packed arrays, with a group', { group: 'packed', extension: 'json.gz' }],
  ['packed lines, with a group', { group: 'packed', extension: 'jsonl.gz' }],
])('the file broker follows the protocol: %s:', (_, kind) => {
  for (const { name, run } of brokerConformance(harnessOf(kind))) test(name, run);
});

function harnessOf({ group, extension }: Kind): ConformanceHarness {
  const lines = !extension.startsWith('json.') && extension !== 'json';
  const packed = extension.endsWith('.gz');
  const textOf = ({ values, broken }: ConformanceStream): string =>
    lines
      ? values.map((value) => `${JSON.stringify(value)}\n`).join('')
      : `[${values.map((value) => JSON.stringify(value)).join(',\n')}${broken ? ',{"index":}' : ''}]`;
  return {
    // A bad line can be skipped; only an array is broken as a whole.
    breaks: !lines,
    async make(streams, outputs) {
      const directory = temporaryDirectory();
      const paths = new Map(streams.map(({ values }, i) => [values, directory.file(`input-${i}.${extension}`)]));
      for (const stream of streams) {
        const text = textOf(stream);
        writeFileSync(paths.get(stream.values)!, packed ? gzipSync(text) : text);
      }
      const open = (): Broker =>
        new JsonFileMessageBroker(
          [
            ...streams.map(({ message, values }) => [message, paths.get(values)!] as const),
            ...outputs.map((message) => [message, directory.file(`${message.name}.${extension}`)] as const),
          ],
          { group },
        );
      const resultOf = (message: { name: string }) => directory.file(`${message.name}.${extension}`);
      return {
        broker: open(),
        restart() {
          // A killed process holds no locks.
          for (const name of readdirSync(directory.path)) if (name.endsWith('.lock')) rmSync(directory.file(name));
          return open();
        },
        written(message) {
          const bytes = readFileSync(resultOf(message));
          const text = (packed ? gunzipSync(bytes) : bytes).toString();
          return lines
            ? text
                .split('\n')
                .filter(Boolean)
                .map((line) => JSON.parse(line))
            : JSON.parse(text);
        },
        ended: (message) => existsSync(resultOf(message)),
        dispose: () => directory.remove(),
      };
    },
  };
}
