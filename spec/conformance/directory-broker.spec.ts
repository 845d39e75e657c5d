import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { type Broker, DirectoryMessageBroker, MemoryMessageBroker } from 'watermill';
import { brokerConformance, type ConformanceHarness, type ConformanceStream } from 'watermill/conformance';
import { temporaryDirectory } from '../support/temporary-directory.js';

interface Kind {
  readonly keeps: boolean;
  readonly extension: 'ndjson' | 'json' | 'ndjson.gz';
  /** The number of elements per file. */
  readonly perFile: number;
  readonly keep?: 'link';
}

describe.each<[string, Kind]>([
  ['small files of lines, with progress', { keeps: true, extension: 'ndjson', perFile: 37 }],
  ['small files of lines, without progress', { keeps: false, extension: 'ndjson', perFile: 50 }],
  ['arrays, kept by links', { keeps: true, extension: 'json', perFile: 1_000, keep: 'link' }],
  ['packed files', { keeps: true, extension: 'ndjson.gz', perFile: 4_000 }],
])('the directory broker follows the protocol: %s:', (_, kind) => {
  // Without progress nothing keeps the order of the files: the marks of another run are refused.
  const left = (check: string): boolean => !kind.keeps && check.startsWith('every mark');
  for (const { name, run } of brokerConformance(harnessOf(kind))) if (!left(name)) test(name, run);
});

/** Results are kept in memory: the broker only reads. */
function harnessOf({ keeps, extension, perFile, keep }: Kind): ConformanceHarness {
  return {
    breaks: extension === 'json',
    async make(streams) {
      const directory = temporaryDirectory();
      const folders = new Map(streams.map(({ values }, i) => [values, directory.file(`input-${i}`)]));
      for (const stream of streams) writeFiles(folders.get(stream.values)!, stream);
      const results = new MemoryMessageBroker();
      const open = (): Broker => {
        const sources = streams.map(({ message, values }) => [
          message,
          folders.get(values)!,
          { order: 'name', settleMs: 0, end: 'when empty', keep },
        ]);
        const files = new DirectoryMessageBroker({
          sources: sources as never,
          ...(keeps && { progress: directory.file('progress') }),
        });
        return withResults(files, results);
      };
      return {
        broker: open(),
        restart() {
          // A killed process holds no locks.
          const progress = directory.file('progress');
          const names = keeps ? readdirSync(progress) : [];
          for (const name of names) if (name.endsWith('.lock')) rmSync(`${progress}/${name}`);
          return open();
        },
        written: (message) => results.written(message).map((element: object) => ({ ...element })),
        ended: (message) => results.ended(message),
        dispose: () => directory.remove(),
      };
    },
  };

  function writeFiles(folder: string, { values, broken }: ConformanceStream): void {
    mkdirSync(folder, { recursive: true });
    for (let from = 0; from < values.length; from += perFile) {
      const texts = values.slice(from, from + perFile).map((value) => JSON.stringify(value));
      const isLast = from + perFile >= values.length;
      const text =
        extension === 'json'
          ? `[${texts.join(',\n')}${broken && isLast ? ',{"index":}' : ''}]`
          : texts.map((each) => `${each}\n`).join('');
      const name = `${folder}/${String(from).padStart(8, '0')}.${extension}`;
      writeFileSync(name, extension.endsWith('.gz') ? gzipSync(text) : text);
    }
  }
}

/** A broker that reads from the first and writes to the second. */
function withResults(files: Broker, results: Broker): Broker {
  return {
    name: files.name,
    abilities: files.abilities,
    streamOf: (message) => files.streamOf(message),
    async connect(request) {
      const reading = await files.connect({ ...request, outputs: [] });
      const writing = await results.connect({ ...request, inputs: [], lanes: 1 });
      return {
        lanes: () => reading.lanes(),
        openWriter: (lane, mark) => writing.openWriter(lane, mark),
        async close() {
          await reading.close();
          await writing.close();
        },
      };
    },
  };
}
