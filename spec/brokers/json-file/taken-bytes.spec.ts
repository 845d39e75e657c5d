import { execFileSync } from 'node:child_process';
import { promises as fs, readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Field, JsonFileMessageBroker, Message, processFunction, WaterMill } from 'watermill';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';

@Message()
class Sample {
  @Field() n!: number;
}

@Message()
class Line {
  @Field() n!: number;
  @Field() text!: string;
}

@Message()
class Lone {
  @Field() n!: number;
}

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory.remove());

/** Runs a mill over samples with this process function. */
async function written(count: number, name: string, process: (sample: Sample) => unknown): Promise<Line[]> {
  const samples = directory.file('samples.json');
  writeFileSync(samples, JSON.stringify(Array.from({ length: count }, (_, n) => ({ n }))));
  const broker = new JsonFileMessageBroker([
    [Sample, samples],
    [Line, directory.file(name)],
  ]);
  const each = processFunction(Sample, { emits: [Line], onError: 'skip' }, process as never);
  await new WaterMill({ process: each, broker }).run();
  const bytes = readFileSync(directory.file(name));
  const text = (name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  return name.includes('ndjson')
    ? text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line))
    : JSON.parse(text);
}

/** Some texts can be written as bytes, others not. */
const texts = ['plain', 'with "quotes"', 'é', 'x'.repeat(60), ''];
const line = (n: number, text = texts[n % texts.length] as string) => Object.assign(new Line(), { n, text });
const lines = (count: number) => Array.from({ length: count }, (_, n) => ({ n, text: texts[n % texts.length] }));

describe('results that are kept as bytes', () => {
  test.each(['out.json', 'out.ndjson', 'out.json.gz', 'out.ndjson.gz'])(
    'come in order, with others between, in %s',
    async (name) => {
      expect(await written(20_000, name, ({ n }) => line(n))).toEqual(lines(20_000));
      expect(await written(1, name, ({ n }) => line(n))).toEqual(lines(1));
      expect(await written(1, name, ({ n }) => line(n, 'é'))).toEqual([{ n: 0, text: 'é' }]);
      expect(await written(0, name, ({ n }) => line(n))).toEqual([]);
    },
  );

  test('are snapshots of when the call was done', async () => {
    const shared = new Line();
    const result = await written(5_000, 'out.json', ({ n }) => Object.assign(shared, { n, text: String(n) }));
    expect(result).toEqual(Array.from({ length: 5_000 }, (_, n) => ({ n, text: String(n) })));
  });

  test('of a failed call are not written', async () => {
    const result = await written(5_000, 'out.json', function* ({ n }) {
      yield line(n, 'plain');
      if (n % 3 === 1) throw new Error('every third');
      yield line(n, 'again');
    });
    const good = Array.from({ length: 5_000 }, (_, n) => n).filter((n) => n % 3 !== 1);
    expect(result).toEqual(good.flatMap((n) => [line(n, 'plain'), line(n, 'again')].map((each) => ({ ...each }))));
  });

  test('that cannot be written fail their call', async () => {
    const result = await written(10, 'out.json', ({ n }) => line(n % 2 === 0 ? n : Number.NaN, 'plain'));
    expect(result.map(({ n }) => n)).toEqual([0, 2, 4, 6, 8]);
  });

  test('whose own code throws fail their call', async () => {
    const result = await written(10, 'out.json', ({ n }) => {
      const made = line(n, 'plain');
      if (n % 2 === 0) return made;
      return Object.defineProperty(made, 'text', {
        enumerable: true,
        get(): string {
          throw new Error('no text');
        },
      });
    });
    expect(result.map(({ n }) => n)).toEqual([0, 2, 4, 6, 8]);
  });

  // Each is a line of 32 bytes: one of them begins where there is no room for another one after it.
  test('may have the longest numbers', async () => {
    const n = -0.0000074191856678619965;
    const samples = directory.file('samples.json');
    writeFileSync(samples, JSON.stringify([{ n: 0 }]));
    const broker = new JsonFileMessageBroker([
      [Sample, samples],
      [Lone, directory.file('out.ndjson')],
    ]);
    const process = processFunction(Sample, { emits: [Lone] }, () =>
      Array.from({ length: 5_000 }, () => Object.assign(new Lone(), { n })),
    );
    await new WaterMill({ process, broker }).run();
    expect(readFileSync(directory.file('out.ndjson'), 'latin1')).toBe(`{"n":${n}}\n`.repeat(5_000));
  });

  test('may be many per call, in a pipe', async () => {
    const [samples, pipe] = [directory.file('samples.json'), directory.file('pipe')];
    writeFileSync(samples, JSON.stringify([{ n: 0 }]));
    execFileSync('mkfifo', [pipe]);
    const broker = new JsonFileMessageBroker([
      [Sample, samples],
      [Line, pipe],
    ]);
    const process = processFunction(Sample, { emits: [Line] }, () => lines(60_000).map(({ n, text }) => line(n, text)));
    const [text] = await Promise.all([fs.readFile(pipe, 'utf8'), new WaterMill({ process, broker }).run()]);
    expect(text).toBe(
      lines(60_000)
        .map((each) => `${JSON.stringify(each)}\n`)
        .join(''),
    );
  });
});
