import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Measure, Outcome, Work } from './support/bench.js';
import { timed } from './support/timed.js';

/** A file of lines, sorted by the command line; compared with a hand-written external sort: runs, then a merge. */
export const measures: readonly Measure[] = [
  {
    name: 'sort',
    size: 2_000_000,
    reps: 3,
    ours: { prepare: writeFile, run: byCommand },
    reference: { prepare: writeFile, run: byHand },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.7 } }],
  },
];

const command = path.resolve(__dirname, '../../dist/cli/main.js');
const fileOf = ({ folder }: Work): string => path.join(folder, 'elements.ndjson');
/** The characters of a run of the hand-written sort. */
const mostInRun = 16_000_000;

function writeFile(work: Work): void {
  const file = fileOf(work);
  if (existsSync(file)) return;
  let seed = 12_345;
  let text = '';
  writeFileSync(file, '');
  for (let i = 0; i < work.size; i++) {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
    text += `{"id":"element ${i}","departure":${seed % 1_000_000},"name":"a text that fills the line a little","value":${i * 1.5}}\n`;
    if (text.length < 1_000_000 && i < work.size - 1) continue;
    writeFileSync(file, text, { flag: 'a' });
    text = '';
  }
}

function digestOf(file: string): string {
  const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
  rmSync(file);
  return digest;
}

function byCommand(work: Work): Promise<Outcome> {
  const output = path.join(work.folder, 'by-command.ndjson');
  const run = (): void => {
    const args = [command, 'sort', fileOf(work), '--by', 'departure', '--output', output];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
  };
  return timed(run, () => digestOf(output));
}

interface Row {
  readonly key: number;
  readonly line: string;
}

const rowOf = (line: string): Row => ({ key: JSON.parse(line).departure, line });

function byHand(work: Work): Promise<Outcome> {
  const output = path.join(work.folder, 'by-hand.ndjson');
  const run = async (): Promise<void> => {
    const folder = mkdtempSync(path.join(work.folder, 'runs-'));
    await mergeRuns(await writeRuns(fileOf(work), folder), output);
    rmSync(folder, { recursive: true });
  };
  return timed(run, () => digestOf(output));
}

async function writeRuns(file: string, folder: string): Promise<string[]> {
  const runs: string[] = [];
  let rows: Row[] = [];
  let length = 0;
  const writeRun = (): void => {
    rows.sort((a, b) => a.key - b.key);
    const run = path.join(folder, `run-${runs.length}`);
    writeFileSync(run, `${rows.map(({ line }) => line).join('\n')}\n`);
    runs.push(run);
    rows = [];
    length = 0;
  };
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    rows.push(rowOf(line));
    length += line.length;
    if (length >= mostInRun) writeRun();
  }
  if (rows.length > 0) writeRun();
  return runs;
}

async function mergeRuns(runs: readonly string[], output: string): Promise<void> {
  const lines = runs.map((run) => createInterface({ input: createReadStream(run) })[Symbol.asyncIterator]());
  const next = async (i: number): Promise<Row | undefined> => {
    const { done, value } = await lines[i]!.next();
    return done === true ? undefined : rowOf(value);
  };
  const heads = await Promise.all(lines.map((_, i) => next(i)));
  const stream = createWriteStream(output);
  for (;;) {
    let least = -1;
    for (let i = 0; i < heads.length; i++) {
      const head = heads[i];
      if (head !== undefined && (least < 0 || head.key < heads[least]!.key)) least = i;
    }
    if (least < 0) break;
    if (!stream.write(`${heads[least]!.line}\n`)) await once(stream, 'drain');
    heads[least] = await next(least);
  }
  stream.end();
  await once(stream, 'finish');
}
