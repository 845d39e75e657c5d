import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { firstSeed, isDeep, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { filesIn, KilledRunner, type Moment, moments, resultText } from './killed-run.js';
import { MillProcess } from './mill-process.js';

/** The arguments of the program. */
interface Job {
  readonly input: string;
  readonly pairs: string;
  readonly counts?: string;
  /** The number of master elements between commits. */
  readonly elements: number;
}

const elements = 20_000;
const perCommit = 200;
const killsPerTest = 2;

const variants = [
  { name: 'one file', pairs: 'pairs.json' },
  { name: 'two files', pairs: 'pairs.json', counts: 'counts.ndjson' },
  { name: 'a packed file', pairs: 'pairs.json.gz' },
];

let directory: TemporaryDirectory;
const seen: string[] = [];

beforeAll(() => {
  if (!existsSync(path.join(__dirname, '../../dist/index.js'))) throw new Error('run `npm run build` first');
  directory = temporaryDirectory();
  writeFileSync(directory.file('input.json'), JSON.stringify(places(new Random(firstSeed()))));
});

afterAll(() => {
  directory.remove();
  if (isDeep()) process.stdout.write(`${seen.join('\n')}\n`);
});

describe('a mill in a process that is killed and restarted', () => {
  it.each(variants)('writes $name as if it had not been killed', async ({ name, ...files }) => {
    const undisturbed = jobIn(`${name}, undisturbed`, files, elements);
    await processOf(undisturbed).ended();
    const left = filesBeside(undisturbed);
    expect(left).toEqual([...Object.values(files), `${files.pairs}.kill.progress.json`].sort());
    const bytes = statSync(undisturbed.pairs).size;
    const wanted = new Map(Object.values(files).map((file) => [file, resultText(beside(undisturbed, file))]));

    const kills: Moment[] = [];
    let runs = 0;
    let equal = 0;
    for (let missing = shareOfCases(killsPerTest, variants.length); missing > 0; runs++) {
      const seed = firstSeed() + runs;
      const job = jobIn(`${name}, ${seed}`, files, perCommit);
      const check = (file: string, moment: Moment) =>
        expect({ seed, moment, file, isWhole: wanted.get(path.basename(file))?.equals(resultText(file)) }).toEqual({
          seed,
          moment,
          file,
          isWhole: true,
        });
      const mill = {
        start: () => processOf(job),
        growing: `${job.pairs}.kill.partial`,
        progress: `${job.pairs}.kill.progress.json`,
        finals: Object.values(files).map((file) => beside(job, file)),
        bytes,
        elements,
        perCommit,
      };
      const run = await new KilledRunner(mill, seed, check).run(Math.min(missing, 1 + (seed % 4)));

      for (const file of Object.values(files)) check(beside(job, file), 'published');
      expect({ seed, left: filesBeside(job) }).toEqual({ seed, left });
      // Committed elements are not read again.
      expect({ seed, read: run.read <= run.mayRead ? 'enough' : run }).toEqual({ seed, read: 'enough' });
      equal++;
      missing -= run.kills.length;
      kills.push(...run.kills);
    }
    const counts = moments.map((moment) => `${kills.filter((at) => at === moment).length} ${moment}`);
    seen.push(`${name}: ${kills.length} kills (${counts.join(', ')}), ${equal} of ${runs} results equal`);
  });
});

function jobIn(folder: string, files: { pairs: string; counts?: string }, everyElements: number): Job {
  const file = (name: string) => path.join(directory.path, folder, name);
  mkdirSync(file('.'));
  const { pairs, counts } = files;
  return {
    input: directory.file('input.json'),
    pairs: file(pairs),
    ...(counts && { counts: file(counts) }),
    elements: everyElements,
  };
}

function processOf(job: Job): MillProcess {
  return new MillProcess('child.mjs', job);
}

/** The names of the files in the folder of a job. */
function filesBeside(job: Job): string[] {
  return filesIn(path.dirname(job.pairs));
}

function beside(job: Job, name: string): string {
  return path.join(path.dirname(job.pairs), name);
}

/** Some equal times, some gaps; texts of all lengths, so that no commit is at a round number of bytes. */
function places(random: Random): { time: number; name: string }[] {
  let time = 0;
  return Array.from({ length: elements }, (_, i) => {
    time += random.pick([0, 1, 1, 2, 3, 40]);
    return { time, name: random.pick(['Ö', 'robot', '漢字 robot']) + 'x'.repeat(random.int(9)) + i };
  });
}
