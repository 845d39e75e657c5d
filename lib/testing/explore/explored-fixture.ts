import { promises as fs } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ifExists } from '../../files/durable-files.js';
import { makeFolders } from '../../files/make-folders.js';
import { Fixture, fixtureError, inputPath } from '../fixture.js';
import type { ExploredInputs } from './explored-inputs.js';
import type { FoundCase } from './found-case.js';
import type { Schedule } from './schedule.js';

/** A file next to the inputs of a fixture that an exploration has written: how it was found. */
const noteName = 'explore.json';

/** The description of a case in addition to its inputs. */
export interface CaseNote {
  readonly seed: number;
  readonly found: string;
  readonly likely: string;
  readonly words: string;
  readonly schedule: Schedule;
}

/** The schedule of a fixture that an exploration has written. */
export async function savedSchedule(folder: string): Promise<Schedule | undefined> {
  const text = await ifExists(fs.readFile(path.join(folder, noteName), 'utf8'));
  if (text === undefined) return undefined;
  try {
    return (JSON.parse(text) as CaseNote).schedule;
  } catch (error) {
    throw fixtureError(`${path.join(folder, noteName)} is not JSON. Delete it`, { found: text.slice(0, 100) }, error);
  }
}

/** Throws if writing a case would replace other files. */
export async function expectFree(folder: string): Promise<void> {
  const names = (await ifExists(fs.readdir(folder))) ?? [];
  if (!names.includes('inputs') || names.includes(noteName)) return;
  const what = `The folder ${folder} holds a fixture that explore() has not written`;
  throw fixtureError(`${what}: name another one, or delete it`, { expected: noteName, found: names.join(', ') });
}

/** Writes a case as a fixture, in a new temporary folder if none is given. Returns the folder. */
export async function writeCase(folder: string | undefined, found: FoundCase, note: CaseNote): Promise<string> {
  const to = folder ?? (await fs.mkdtemp(path.join(tmpdir(), 'watermill-explore-')));
  await fs.rm(path.join(to, 'inputs'), { recursive: true, force: true });
  await writeInputs(to, found.inputs);
  await (await Fixture.open(to)).update(found.plain.results);
  await fs.writeFile(path.join(to, noteName), `${JSON.stringify(note, undefined, 2)}\n`);
  return to;
}

async function writeInputs(folder: string, { streams, lanes }: ExploredInputs): Promise<void> {
  const hasLanes = lanes.some((lane) => lane !== '0');
  for (const [name, byLane] of streams) {
    for (const [lane, lines] of byLane) {
      const file = inputPath(folder, name, hasLanes ? lane : undefined);
      await makeFolders(path.dirname(file));
      await fs.writeFile(file, lines.map((line) => `${line}\n`).join(''));
    }
  }
}
