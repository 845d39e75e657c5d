import { promises as fs } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../base/thrown.js';
import type { ErrorDetails } from '../base/watermill-error.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { LaneName } from '../brokers/broker.js';
import { ifExists } from '../files/durable-files.js';
import { makeFolders } from '../files/make-folders.js';

const extension = '.ndjson';

/** The files of one input, by lane. */
export type InputLanes = ReadonlyMap<LaneName, string>;

/**
 * A folder with the inputs and the expected results of a mill, as lines of JSON: `inputs/<Name>.ndjson`, with several
 * lanes `inputs/<Name>/<lane>.ndjson`, and `expected/<Name>.ndjson`.
 */
export class Fixture {
  private constructor(
    readonly folder: string,
    /** By name: the file of a stream without lanes, or those of its lanes. */
    readonly inputs: ReadonlyMap<string, string | InputLanes>,
  ) {}

  static async open(folder: string): Promise<Fixture> {
    if (typeof folder !== 'string' || folder === '')
      throw fixtureError('A fixture is a folder: pass its path', { found: String(folder) });
    const from = path.join(folder, 'inputs');
    const entries = await entriesOf(folder, from);
    const inputs = new Map<string, string | InputLanes>();
    const folders = entries.filter((entry) => entry.isDirectory());
    const files = entries.filter((entry) => !entry.isDirectory() && nameIn(entry.name) !== undefined);
    for (const { name } of folders) inputs.set(nameOf(name), await lanesIn(path.join(from, name)));
    for (const { name: file } of files) {
      const name = nameIn(file)!;
      if (inputs.has(name)) throw inTwoForms(path.join(from, file));
      inputs.set(name, path.join(from, file));
    }
    return new Fixture(folder, inputs);
  }

  /**
   * The lanes of these inputs, in the order of their numbers, and the files of each input. As in a run over several
   * brokers, every lane reads a stream without lanes whole.
   */
  lanesOf(names: readonly string[]): { readonly lanes: readonly LaneName[]; readonly files: readonly InputLanes[] } {
    const inputs = names.map((name) => this.inputs.get(name) as string | InputLanes);
    const found = new Set(inputs.flatMap((input) => (typeof input === 'string' ? [] : [...input.keys()])));
    const lanes = found.size === 0 ? ['0'] : [...found].sort((a, b) => Number(a) - Number(b));
    const files = inputs.map((input) =>
      typeof input === 'string' ? new Map(lanes.map((lane) => [lane, input])) : input,
    );
    return { lanes, files };
  }

  /** The expected path of this stream's input. */
  inputOf(name: string): string {
    return inputPath(this.folder, name);
  }

  expectedOf(name: string): string {
    return path.join(this.folder, 'expected', fileOf(name));
  }

  /** The expected lines of each stream. */
  async expected(): Promise<ReadonlyMap<string, readonly string[]>> {
    const from = path.join(this.folder, 'expected');
    const names = await accessing(from, ifExists(fs.readdir(from)));
    if (names === undefined) {
      throw fixtureError(
        `The fixture ${this.folder} has no folder expected. Run with WATERMILL_UPDATE=1 to write it, or watermill replay --update, and look at what it says`,
        {
          expected: from,
        },
      );
    }
    const lines = new Map<string, readonly string[]>();
    for (const file of names.sort()) {
      const name = nameIn(file);
      if (name !== undefined) lines.set(name, await fileLines(path.join(from, file)));
    }
    return lines;
  }

  /** Replaces the expected results; those of other streams are removed. */
  async update(results: ReadonlyMap<string, readonly string[]>): Promise<void> {
    const to = path.join(this.folder, 'expected');
    await accessing(to, makeFolders(to));
    for (const file of await fs.readdir(to)) {
      const name = nameIn(file);
      if (name !== undefined && !results.has(name)) await fs.rm(path.join(to, file));
    }
    for (const [name, lines] of results) {
      const file = this.expectedOf(name);
      await accessing(file, fs.writeFile(file, lines.map((line) => `${line}\n`).join('')));
    }
  }
}

/** The lines of a file, without the byte order mark that some editors add. */
export async function fileLines(file: string): Promise<string[]> {
  const bytes = await accessing(file, fs.readFile(file));
  const [first, second] = bytes;
  if (first !== undefined && second !== undefined && first + second === 0xff + 0xfe)
    throw fixtureError(`${file} is UTF-16. Convert it: iconv -f UTF-16 -t UTF-8 FILE`, { expected: 'UTF-8' });
  return new TextDecoder().decode(bytes).split('\n');
}

/** The error for an invalid fixture; the sentence is passed without its full stop. */
export function fixtureError(sentence: string, details: ErrorDetails, cause?: unknown): WaterMillError {
  return new WaterMillError('WM_FIXTURE', `${sentence}.`, details, { cause });
}

function inTwoForms(file: string): WaterMillError {
  const folder = file.slice(0, -extension.length);
  const sentence = `${folder} has the lanes of an input, and ${file} is the same input without lanes: delete one of them`;
  return fixtureError(sentence, { expected: 'lanes or one file', found: 'both' });
}

/** Something other than a fixture's files and folders in their place, or one that is not accessible, is its error. */
async function accessing<T>(place: string, access: Promise<T>): Promise<T> {
  try {
    return await access;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    let what = `cannot be accessed: ${reasonOf(error)}`;
    if (code === 'ENOTDIR' || code === 'EEXIST') what = 'is not a folder';
    if (code === 'EISDIR') what = 'is a folder, expected a file';
    throw fixtureError(`${place} ${what}`, { found: code }, error);
  }
}

/** The path of the input of this name, in one lane if it has several. */
export function inputPath(folder: string, name: string, lane?: LaneName): string {
  const inputs = path.join(folder, 'inputs');
  return lane === undefined ? path.join(inputs, fileOf(name)) : path.join(inputs, safeName(name), fileOf(lane));
}

function fileOf(name: string): string {
  return `${safeName(name)}${extension}`;
}

/** Escapes characters that a file name cannot contain. */
function safeName(name: string): string {
  return name.replace(/[/\\:*?"<>|%]|\p{Cc}/gu, (c) => (c === '*' ? '%2A' : encodeURIComponent(c)));
}

function nameIn(file: string): string | undefined {
  if (!file.endsWith(extension)) return undefined;
  return nameOf(file.slice(0, -extension.length));
}

function nameOf(file: string): string {
  try {
    return decodeURIComponent(file);
  } catch {
    return file;
  }
}

async function entriesOf(folder: string, inputs: string) {
  const entries = await accessing(inputs, ifExists(fs.readdir(inputs, { withFileTypes: true })));
  if (entries !== undefined) return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const isThere = (await ifExists(fs.stat(folder))) !== undefined;
  const what = isThere ? `The fixture ${folder} has no folder inputs` : `There is no fixture ${path.resolve(folder)}`;
  throw fixtureError(
    `${what}: expected ${path.join(folder, 'inputs', `<Name>${extension}`)} for each stream that the mill reads`,
    {
      expected: inputs,
    },
  );
}

async function lanesIn(folder: string): Promise<InputLanes> {
  const lanes = new Map<LaneName, string>();
  for (const file of await fs.readdir(folder)) {
    const name = nameIn(file);
    if (name === undefined) continue;
    if (!/^(?:0|[1-9]\d*)$/.test(name)) {
      throw fixtureError(
        `${path.join(folder, file)} is not a lane: expected the number of a partition, such as 0${extension}`,
        {
          expected: 'a number',
          found: name,
        },
      );
    }
    lanes.set(name, path.join(folder, file));
  }
  if (lanes.size === 0)
    throw fixtureError(`${folder} holds no lanes: expected files such as 0${extension}`, { expected: `0${extension}` });
  return lanes;
}
