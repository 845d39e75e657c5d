import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { firstSeed, isDeep, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { randomSteps, seenWith } from '../tables/table-oracle.js';
import { filesIn, type KilledMill, KilledRunner } from './killed-run.js';
import { MillProcess } from './mill-process.js';

const elements = isDeep() ? 2_000 : 500;
const perCommit = 20;
const killsPerTest = 1;

/** A table of many rows next to the small one. */
const small = { rows: 300, perStep: 3, bytes: 100 };
/** 90 MB in total, of which a store on disk has a sixth in memory. */
const large = { rows: 60_000, perStep: 40, bytes: 1_500 };
const heapMb = 88;

/** Files are exactly once, a sink that is called with each result at least once. */
const variants = (['files', 'custom'] as const)
  .flatMap((broker) =>
    (['memory', 'disk'] as const).map((store) => ({
      broker,
      store,
      load: isDeep() && store === 'disk' && broker === 'files' ? large : small,
    })),
  )
  // In `npm test`, each store with one broker.
  .filter(({ broker, store }) => isDeep() || (store === 'disk') === (broker === 'files'));
type Variant = (typeof variants)[number];

let directory: TemporaryDirectory;
const said: string[] = [];
const steps = [
  ...randomSteps(new Random(firstSeed()), elements - 1, 8),
  // The last call sees the remaining rows.
  { at: elements - 1, work: 'read', key: 'a', to: 'b' },
];

beforeAll(() => {
  directory = temporaryDirectory();
  writeFileSync(directory.file('input.json'), JSON.stringify(steps));
});

afterAll(() => {
  directory.remove();
  if (isDeep()) process.stdout.write(`${said.join('\n')}\n`);
});

describe('tables of a mill in a process that is killed and restarted', () => {
  it.each(variants)('have the same contents for calls as without kills: $broker, $store', async (variant) => {
    const { broker, store, load } = variant;
    const wanted = seenWith(load, steps);
    const undisturbed = millIn(variant, 'undisturbed');
    await undisturbed.mill.start().ended();
    expect(resultsOf(variant, undisturbed.output)).toEqual(wanted);
    const left = undisturbed.names();
    const bytes = statSync(undisturbed.output).size;

    let [runs, kills] = [0, 0];
    for (let missing = shareOfCases(killsPerTest, variants.length); missing > 0; runs++) {
      const seed = firstSeed() + runs;
      const { mill, output, names, remove } = millIn(variant, String(seed), bytes);
      const run = await new KilledRunner(mill, seed, () => {}).run(Math.min(missing, 1 + (seed % 6)));
      expect({ seed, seen: resultsOf(variant, output) }).toEqual({ seed, seen: wanted });
      expect({ seed, left: names() }).toEqual({ seed, left });
      expect({ seed, read: run.read <= run.mayRead ? 'enough' : run }).toEqual({ seed, read: 'enough' });
      missing -= run.kills.length;
      kills += run.kills.length;
      remove();
    }
    said.push(
      `tables, ${broker}, ${store}, a heap of ${heapMb} MB: ${kills} kills, what calls saw is equal in ${runs}`,
    );
  });
});

function millIn({ broker, store, load }: Variant, name: string, bytes = 0) {
  const folder = directory.file(`${broker} ${store} ${name}`);
  const inside = (file: string): string => path.join(folder, file);
  mkdirSync(folder);
  const [output, progress] = [inside('seen.ndjson'), inside('progress')];
  const input = directory.file('input.json');
  const told = { broker, store, load, input, output, progress, storeFolder: inside('stores'), perCommit, pauseMs: 0 };
  const mill: KilledMill = {
    start: () => new MillProcess('table-child.cjs', told, [`--max-old-space-size=${heapMb}`]),
    growing: broker === 'files' ? `${output}.kill.partial` : output,
    progress: broker === 'files' ? `${output}.kill.progress.json` : path.join(progress, 'commit.json'),
    finals: broker === 'files' ? [output] : [],
    bytes,
    elements,
    perCommit,
  };
  /** Returns the names of the remaining files, without the numbers of files of changes. */
  const names = (): string[] => {
    const tables = broker === 'files' ? `${output}.kill.tables` : path.join(progress, 'tables');
    const kept = filesIn(tables).map((file) => file.replace(/\d+/, 'n'));
    return [...filesIn(folder), ...filesIn(progress), ...kept];
  };
  return { mill, output, names, remove: () => rmSync(folder, { recursive: true }) };
}

/** Returns the results of the calls, in order; for at least once without repetitions. */
function resultsOf({ broker }: Variant, output: string): object[] {
  const lines = readFileSync(output, 'utf8').trimEnd().split('\n');
  if (broker === 'files') return lines.map((line) => JSON.parse(line));
  return [...new Set(lines)].map((line) => JSON.parse(line)).sort((a, b) => a.at - b.at);
}
