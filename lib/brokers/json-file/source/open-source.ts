import { constants, promises as fs, open as openDescriptor, type Stats } from 'node:fs';
import { promisify } from 'node:util';
import type { Clock } from '../../../base/clock.js';
import { ifExists } from '../../../files/durable-files.js';
import type { ByteSource } from './byte-source.js';
import { FileState } from './file-state.js';
import { FollowedSource } from './followed-source.js';
import { isGzip } from './gzip-format.js';
import { GzipSource } from './gzip-source.js';
import { PipedSource, PipeSource } from './pipe-source.js';
import { PlainSource } from './plain-source.js';

/** Opening never blocks, even if a pipe has no writer yet. */
const readOnly = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
const openPipe = promisify(openDescriptor);

export const standardInput = '/dev/stdin';

/** The error for a path that is neither a file nor a pipe. */
export class NoFile extends Error {
  readonly isDirectory: boolean;

  constructor(stats: Stats) {
    super(stats.isDirectory() ? 'a directory' : stats.isSocket() ? 'a socket' : 'a device');
    this.isDirectory = stats.isDirectory();
  }
}

/** The error for a compressed file that is to be followed. */
export class PackedGrowth extends Error {
  constructor() {
    super('a compressed file');
  }
}

export interface OpenedFile {
  readonly source: ByteSource;
  /** Undefined for a pipe, which can be read only once. */
  readonly state: FileState | undefined;
}

/**
 * Opens a file for reading at an offset; `follows`: the clock for waiting at its end. A compressed file is recognized
 * by its first two bytes.
 */
export async function openSource(path: string, offset: number, follows?: Clock): Promise<OpenedFile> {
  const named = await ifExists(fs.stat(path));
  // A child process may have a socket there, which cannot be opened by name.
  if (path === standardInput && named?.isSocket()) return piped(new PipeSource(process.stdin));
  if (named?.isSocket()) throw new NoFile(named);
  // It is opened once: a later open would miss a writer that came and went.
  if (named?.isFIFO()) return piped(PipeSource.ofDescriptor(await openPipe(path, readOnly)));
  const file = await fs.open(path, readOnly);
  try {
    return await openedFile(path, file, offset, await file.stat(), follows);
  } catch (error) {
    await file.close();
    throw error;
  }
}

async function openedFile(
  path: string,
  file: fs.FileHandle,
  offset: number,
  stats: Stats,
  follows: Clock | undefined,
): Promise<OpenedFile> {
  if (!stats.isFile()) throw new NoFile(stats);
  const state = await FileState.of(path, file);
  const { buffer, bytesRead } = await file.read(new Uint8Array(2), 0, 2, 0);
  const isPacked = bytesRead === 2 && isGzip(buffer);
  if (follows !== undefined) {
    if (isPacked) throw new PackedGrowth();
    return { source: await FollowedSource.open(path, file, offset, follows), state };
  }
  const plain = new PlainSource(file, state, isPacked ? 0 : offset);
  return { source: isPacked ? new GzipSource(plain) : plain, state };
}

function piped(pipe: PipeSource): OpenedFile {
  return { source: new PipedSource(pipe), state: undefined };
}
