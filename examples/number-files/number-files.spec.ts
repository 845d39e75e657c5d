import { mkdirSync, readFileSync, rmSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type TemporaryDirectory, temporaryDirectory } from '../../spec/support/temporary-directory.js';
import { settled, VirtualClock } from '../../spec/support/virtual-clock.js';
import { numberFiles } from './number-files.js';
import { makeStream, type Places, writeStats } from './number-stream.js';

let directory: TemporaryDirectory;
let places: Places;
beforeEach(() => {
  directory = temporaryDirectory();
  places = { input: directory.file('in'), output: directory.file('stats.txt'), state: directory.file('state') };
  mkdirSync(places.input);
});
afterEach(() => directory.remove());

const expected = readFileSync(path.join(__dirname, 'expected/stats.txt'), 'utf8');
/** The numbers of files that arrive before each batch, and which batches fail at first, as on the original page. */
const arrivals = [1, 3, 2, 3, 2];
const flaky = new Set([2, 3]);

function put(from: number, count: number): void {
  for (const { name, numbers } of numberFiles.slice(from, from + count)) {
    const file = path.join(places.input, name);
    writeFileSync(file, `${numbers.join('\n')}\n`);
    while (createdNow() <= statSync(file).birthtimeMs);
  }
}

/** Returns the creation time for a new file: not every file system distinguishes milliseconds. */
function createdNow(): number {
  const probe = directory.file('probe');
  rmSync(probe, { force: true });
  writeFileSync(probe, '');
  return statSync(probe).birthtimeMs;
}

/** Returns the outcome of a run while time advances. */
async function outcomeOf(running: Promise<void>, clock: VirtualClock): Promise<unknown> {
  let outcome: { readonly error: unknown } | undefined;
  void running.then(
    () => {
      outcome = { error: undefined };
    },
    (error: unknown) => {
      outcome = { error };
    },
  );
  const deadline = performance.now() + 20_000;
  while (outcome === undefined) {
    if (performance.now() > deadline) throw new Error('The stream does not end.');
    await clock.advance(10_000);
    await settled();
  }
  return outcome.error;
}

/**
 * Returns the batches of the stream. Files arrive while it waits; `kills`: it is killed in the middle of a flaky batch.
 */
async function run(kills: boolean): Promise<string[]> {
  const seen: string[] = [];
  const clock = new VirtualClock();
  let come = 0;
  let last = 0;
  const arrive = (): void => {
    const count = arrivals.shift() ?? 0;
    put(come, count);
    come += count;
  };
  arrive();
  while (last < 5) {
    const stream = makeStream(places, clock);
    const failed = new Set(seen.filter((line) => line.endsWith('failed')).map((line) => Number(line.split(' ')[0])));
    const running = stream.run(({ numbers = [] }, { id }) => {
      const isFlaky = flaky.has(id) && !failed.has(id);
      failed.add(id);
      seen.push(`${id} ${numbers.map(({ name }) => name).join(' ')}${isFlaky ? ' failed' : ''}`);
      if (isFlaky && kills) void stream.stop();
      writeStats(numbers, places, () => isFlaky);
      last = id;
      arrive();
      if (id === 5) void stream.stop();
    });
    await outcomeOf(running, clock);
  }
  return seen;
}

it.each([
  ['tried again at once', false],
  ['repeated by the next run', true],
])(
  'computes the statistics of the page, whatever fails; a batch that fails is %s, with the same files',
  async (_, kills) => {
    arrivals.splice(0, arrivals.length, 1, 3, 2, 3, 2);
    expect(await run(kills)).toEqual([
      '1 weyec11rft',
      '2 6z17vodynr gzhzm0gx50 0lar0xijkl failed',
      '2 6z17vodynr gzhzm0gx50 0lar0xijkl',
      '3 0qznxuy93c nt64iet8r7 failed',
      '3 0qznxuy93c nt64iet8r7',
      '4 n947n4c2lg 6419nm4txf dvilu31ftl',
      '5 833hp14faa evy33h4glw',
    ]);
    expect(readFileSync(places.output, 'utf8')).toBe(expected);
  },
);

it('notices that a file of a batch that is repeated is gone: it is never another batch', async () => {
  put(0, 2);
  const clock = new VirtualClock();
  const stream = makeStream(places, clock);
  const running = stream.run(() => {
    unlinkSync(path.join(places.input, 'weyec11rft'));
    throw new Error('flaky');
  });
  expect(await outcomeOf(running, clock)).toMatchObject({ code: 'WM_FILE_GONE' });
});
