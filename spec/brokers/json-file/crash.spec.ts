import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Field, JsonFileMessageBroker, Message, message } from 'watermill';
import type { Json } from '../../../lib/base/json.js';
import { connect } from '../../../lib/conformance/conformance-run.js';
import { stride } from '../../support/cases.js';
import { Random } from '../../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../../support/temporary-directory.js';
import { CrashingFileSystem, Killed } from './crashing-file-system.js';

@Message()
class Source {
  @Field() index!: number;
}

@Message()
class Large {
  @Field() index!: number;
  @Field() text!: string;
}

@Message()
class Small {
  @Field() index!: number;
}

const elements = 24;
const perCommit = 5;
// A few of them fill a block, so that blocks are also written between flushes.
const large = (index: number) => message(Large, { index, text: String(index % 10).repeat(20_000) });

/** The operations of a mill on a broker, in short: results, commits, the end. */
async function run(directory: TemporaryDirectory, extension: string): Promise<void> {
  const broker = new JsonFileMessageBroker(
    [
      [Source, directory.file('source.json')],
      [Large, directory.file(`out/large.${extension}`)],
      [Small, directory.file(`out/small.${extension}`)],
    ],
    { group: 'crash' },
  );
  const { connection, lane } = await connect(broker, [Source], [Large, Small]);
  const committed = lane.committed === undefined ? { done: 0 } : JSON.parse(lane.committed);
  const writer = await connection.openWriter(lane.name, committed.mark as Json | undefined);
  const commit = async (done: number, ended: boolean) =>
    lane.commit(JSON.stringify({ done, ended, mark: await writer.flush() }), {
      positions: [done],
      marks: [done],
      ended,
    });
  if (!committed.ended) {
    for (let i = committed.done as number; i < elements; i++) {
      await writer.write(0, [large(i)]);
      if (i % 2 === 0) await writer.write(1, [message(Small, { index: i })]);
      if ((i + 1) % perCommit === 0) await commit(i + 1, false);
    }
    await writer.end();
    await commit(elements, true);
  }
  await writer.publish();
  await connection.close();
}

/** Runs until the process is killed at a call. Returns whether it was. */
async function runKilledAt(call: number, directory: TemporaryDirectory, extension: string): Promise<boolean> {
  const system = new CrashingFileSystem(call);
  try {
    await run(directory, extension);
  } catch (error) {
    if (!system.died) throw error;
  } finally {
    await system.restore();
  }
  // The owner of the lock is dead.
  for (const file of existsSync(directory.file('out')) ? readdirSync(directory.file('out')) : []) {
    if (file.includes('.lock')) rmSync(directory.file(`out/${file}`), { force: true });
  }
  return system.died;
}

function results(directory: TemporaryDirectory, extension: string): Record<string, string> {
  const files = readdirSync(directory.file('out')).sort();
  expect(files).toEqual([`large.${extension}`, `large.${extension}.crash.progress.json`, `small.${extension}`]);
  const read = (name: string) => {
    const bytes = readFileSync(directory.file(`out/${name}.${extension}`));
    return (extension.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString();
  };
  return { large: read('large'), small: read('small') };
}

function fresh(): TemporaryDirectory {
  const directory = temporaryDirectory();
  writeFileSync(directory.file('source.json'), '[]');
  return directory;
}

// Each begins at another call, so that the calls skipped by one are tried by others.
describe.each([
  ['json', 1],
  ['csv', 2],
  ['json.gz', 3],
])('a run killed at any call of the file system (%s)', (extension, first) => {
  let undisturbed: Record<string, string>;

  beforeAll(async () => {
    const directory = fresh();
    await run(directory, extension);
    undisturbed = results(directory, extension);
    directory.remove();
  });

  test('writes the expected results when it is not killed', () => {
    const rows = (list: object[]) =>
      [Object.keys(list[0]!), ...list.map(Object.values)].map((row) => `${row.join(',')}\n`).join('');
    const framed = (list: object[]) =>
      extension === 'csv' ? rows(list) : `[\n${list.map((element) => JSON.stringify(element)).join(',\n')}\n]\n`;
    const indexes = Array.from({ length: elements }, (_, i) => i);
    expect(undisturbed).toEqual({
      large: framed(indexes.map(large)),
      small: framed(indexes.filter((i) => i % 2 === 0).map((index) => ({ index }))),
    });
  });

  test('continues to the same files', async () => {
    const step = stride(5);
    let call = Math.min(first, step);
    for (let killed = true; killed; call += step) {
      const directory = fresh();
      killed = await runKilledAt(call, directory, extension);
      if (killed) await run(directory, extension);
      expect({ call, same: sameAs(undisturbed, results(directory, extension)) }).toEqual({ call, same: true });
      directory.remove();
    }
    // The last call at which it was killed.
    expect(call - 2 * step).toBeGreaterThan(40);
  });

  test('continues to the same files when it is killed repeatedly', async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const random = new Random(seed);
      const directory = fresh();
      let kills = 0;
      while (kills < 30 && (await runKilledAt(5 + random.int(25), directory, extension))) kills++;
      await run(directory, extension);
      expect({ seed, same: sameAs(undisturbed, results(directory, extension)) }).toEqual({ seed, same: true });
      directory.remove();
    }
  });
});

test('changes nothing when a finished run is repeated', async () => {
  const directory = fresh();
  await run(directory, 'json');
  const before = results(directory, 'json');
  await run(directory, 'json');
  expect(results(directory, 'json')).toEqual(before);
  directory.remove();
});

test('the simulated kill does kill', async () => {
  const directory = fresh();
  const system = new CrashingFileSystem(1);
  await expect(run(directory, 'json')).rejects.toMatchObject({ code: 'WM_OUTPUT_FAILED', cause: expect.any(Killed) });
  await system.restore();
  directory.remove();
});

/** Compares texts: a failure message with megabytes of text would not help. */
function sameAs(expected: Record<string, string>, found: Record<string, string>): boolean {
  return expected.large === found.large && expected.small === found.small;
}
