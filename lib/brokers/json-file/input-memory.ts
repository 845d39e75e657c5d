import { promises as fs } from 'node:fs';
import { ifExists } from '../../files/durable-files.js';
import { reading } from './input-errors.js';
import type { InputFile } from './input-file.js';
import { continuedLine } from './source/continued-line.js';
import { type FileSample, isSame, readPart, sampleBytes, sampleOf } from './source/file-sample.js';

/** The state of an input at a commit, to check whether it is still the same. JSON. */
export interface InputState {
  readonly size: number;
  /** The time of its last modification, in milliseconds since 1970. */
  readonly modified: number;
  readonly head: FileSample;
  /** The end of the valid part: of the part that was read or, if the run has ended, of all elements. */
  readonly tail: FileSample;
  readonly moved?: MovedEnd | undefined;
  /** The file was followed: its last line may have been read in part, without being returned. */
  readonly follows?: true;
}

/**
 * An array that has grown no longer has a bracket where it was closed. The mark of that bracket, which commits may
 * still contain, now means the place where the appended elements start.
 */
export interface MovedEnd {
  readonly from: number;
  readonly to: number;
}

/** The difference between an input and its kept state. */
export interface InputChange {
  /** `grown`: something was appended, and no other change was found; `touched`: only the modification time differs. */
  readonly kind: 'grown' | 'touched' | 'other';
  readonly expected: string;
  readonly found: string;
}

/** Keeps the state of a file when a run opened it, and samples the text where the run has got to. */
export class InputMemory {
  private constructor(
    private readonly input: InputFile,
    private readonly file: fs.FileHandle,
    private readonly size: number,
    private readonly modified: number,
    /** The offset at which further elements would follow. */
    private readonly end: number,
    private readonly head: FileSample,
  ) {}

  /** Undefined if it is not a regular file, such as a pipe, or does not exist. */
  static of(input: InputFile): Promise<InputMemory | undefined> {
    return reading(input, InputMemory.open(input));
  }

  private static async open(input: InputFile): Promise<InputMemory | undefined> {
    const file = await openRegular(input);
    if (file === undefined) return undefined;
    try {
      const { size, mtimeMs } = await file.stat();
      const end = input.rows !== undefined ? size : await endOfElements(file, size);
      const head = await sampleOf(file, 0, Math.min(end, sampleBytes));
      return new InputMemory(input, file, size, Math.floor(mtimeMs), end, head);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  /** The state to keep when this part of the file was read, 0 to 1. */
  async readUpTo(fraction: number): Promise<InputState> {
    return this.state(Math.min(this.end, Math.floor(fraction * this.size)));
  }

  /** The state to keep when the run has ended. */
  async whole(): Promise<InputState> {
    return this.state(this.end);
  }

  /** The state to keep of a growing file of which these were the last bytes that were read. */
  async grownTo(tail: FileSample): Promise<InputState> {
    const { mtimeMs } = await reading(this.input, this.file.stat());
    return { size: tail.to, modified: Math.floor(mtimeMs), head: this.head, tail, follows: true };
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async state(end: number): Promise<InputState> {
    const { size, modified, head } = this;
    const tail = await reading(this.input, sampleOf(this.file, Math.max(0, end - sampleBytes), end));
    return { size, modified, head, tail };
  }
}

/** The offset at which further elements would follow: in an array, before its closing bracket. */
async function endOfElements(file: fs.FileHandle, size: number): Promise<number> {
  const head = (await readPart(file, 0, Math.min(size, sampleBytes))).toString('latin1');
  if (!/^(\xef\xbb\xbf)?\s*\[/.test(head)) return size;
  const tail = (await readPart(file, Math.max(0, size - sampleBytes), size)).toString('latin1');
  const text = tail.trimEnd();
  return text.endsWith(']') ? size - tail.length + text.slice(0, -1).trimEnd().length : size;
}

/**
 * Finds the place where elements continue in a file that has grown, if it differs from the mark after the last element.
 */
export function movedEnd(input: InputFile, kept: InputState, mark: number): Promise<MovedEnd | undefined> {
  return reading(input, findMovedEnd(input, kept, mark));
}

async function findMovedEnd(input: InputFile, { size, tail }: InputState, mark: number): Promise<MovedEnd | undefined> {
  if (mark < tail.to || tail.to === size) return undefined;
  const file = await openRegular(input);
  if (file === undefined) return undefined;
  try {
    const text = (await readPart(file, tail.to, tail.to + sampleBytes)).toString('latin1');
    return { from: mark, to: tail.to + text.length - text.trimStart().length };
  } finally {
    await file.close();
  }
}

/** How a file differs from its kept state; undefined if, as far as was checked, it does not. */
export function changeOf(input: InputFile, kept: InputState): Promise<InputChange | undefined> {
  return reading(input, findChange(input, kept));
}

async function findChange(input: InputFile, kept: InputState): Promise<InputChange | undefined> {
  const file = await openRegular(input);
  if (file === undefined) return { kind: 'other', expected: `a file of ${kept.size} bytes`, found: 'no file' };
  try {
    const { size, mtimeMs } = await file.stat();
    const wrong = async (part: FileSample, what: string): Promise<InputChange | undefined> => {
      if (await isSame(file, part)) return undefined;
      const place = `bytes ${part.from} to ${part.to}`;
      return {
        kind: 'other',
        expected: `${what} that it had (${place})`,
        found: `other content, ${size} bytes in all`,
      };
    };
    if (size < kept.size) return { kind: 'other', expected: `at least ${kept.size} bytes`, found: `${size}` };
    const change = (await wrong(kept.head, 'the beginning')) ?? (await wrong(kept.tail, 'the end'));
    if (change !== undefined) return change;
    if (size > kept.size) {
      const mayContinue = kept.tail.to !== kept.size || kept.follows;
      const found = mayContinue ? undefined : await continuedLine(file, kept.size, isOpaque(input));
      if (found === undefined) return { kind: 'grown', expected: `${kept.size} bytes`, found: `${size}` };
      return { kind: 'other', expected: `the end of its last line at byte ${kept.size}, or a line end there`, found };
    }
    const modified = Math.floor(mtimeMs);
    if (modified === kept.modified) return undefined;
    return { kind: 'touched', expected: `last modified ${timeText(kept.modified)}`, found: timeText(modified) };
  } finally {
    await file.close();
  }
}

/** Returns whether a line does not show that it is complete. */
function isOpaque({ rows, options }: InputFile): boolean {
  return rows !== undefined || options.raw;
}

/** Undefined if it is not a regular file or does not exist. A pipe must not be opened: that would wait for a writer. */
async function openRegular({ path }: InputFile): Promise<fs.FileHandle | undefined> {
  const state = await ifExists(fs.stat(path));
  return state?.isFile() ? ifExists(fs.open(path, 'r')) : undefined;
}

function timeText(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}
