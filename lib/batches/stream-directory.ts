import { promises as fs } from 'node:fs';
import path from 'node:path';
import { RealDate } from '../base/date.js';
import { isAbort } from '../base/is-abort.js';
import type { Json } from '../base/json.js';
import { reasonOf } from '../base/thrown.js';
import { isWaterMillError, WaterMillError } from '../base/watermill-error.js';
import { diskRemedy } from '../files/disk-remedy.js';
import { ifExists, makeDirectory, readKeptText, replaceFile, syncDirectory } from '../files/durable-files.js';
import { FileLock } from '../files/file-lock.js';

/** Written before a batch is processed. A source without data has no bounds. */
export interface OffsetsRecord {
  readonly id: number;
  /** The commit that precedes this batch; 0 for the beginning. */
  readonly follows: number;
  readonly bounds: { readonly [source: string]: { readonly after?: Json; readonly to: Json } };
  readonly at: string;
}

/** Written when a batch is done; sufficient to continue. */
export interface CommitRecord {
  readonly id: number;
  /** The last offset of each source; a source without one is read from its beginning. */
  readonly positions: { readonly [source: string]: Json };
  /** The end of the first batch of each source, unless that is a number: detects a source that starts over. */
  readonly starts?: { readonly [source: string]: Json };
  readonly at: string;
}

/**
 * The sources of a stream, each with the commit since which its positions are valid: earlier ones belong to a previous
 * start.
 */
export type KnownSources = { readonly [source: string]: number };

interface StreamRecord {
  readonly format: 1;
  readonly sources: KnownSources;
}

const kinds = ['offsets', 'commits'] as const;
type Kind = (typeof kinds)[number];

/**
 * The directory of a batch stream, while this process has its lock.
 *
 * ```text
 * <directory>/stream.json        the names of the sources
 * <directory>/offsets/<id>.json  the bounds of a batch, for all sources: before the call
 * <directory>/commits/<id>.json  the positions of all sources: after it
 * <directory>/stream.*.lock      see FileLock
 * ```
 *
 * Each file is written under a new name, synced and renamed, and its directory is synced. Only the highest commit
 * counts, and the highest offsets above it; gaps below are due to retention.
 */
export class StreamDirectory {
  /** Undefined if nothing was ever committed. */
  lastCommit: CommitRecord | undefined;
  /** The batch that was begun and is not committed. */
  open: OffsetsRecord | undefined;
  /** The highest id ever assigned. */
  lastId = 0;

  private constructor(
    readonly directory: string,
    private readonly lock: FileLock,
    /** Undefined for a new stream. */
    public sources: KnownSources | undefined,
  ) {}

  /** Takes the lock, and reads the records. */
  static async take(directory: string, signal?: AbortSignal): Promise<StreamDirectory> {
    const inUse = (owner: string, file: string): Error => isInUse(directory, owner, file);
    let lock: FileLock;
    try {
      for (const kind of kinds) await makeDirectory(path.resolve(directory, kind));
      lock = await FileLock.take(path.join(directory, 'stream'), { inUse, signal });
    } catch (error) {
      throw isWaterMillError(error) || isAbort(error) ? error : cannotKeep(directory, error);
    }
    try {
      // From now on this state is relied on: it must not be lost later.
      for (const folder of ['', ...kinds]) await syncDirectory(path.join(directory, folder));
      const stream = new StreamDirectory(directory, lock, (await readStream(directory))?.sources);
      await stream.find();
      return stream;
    } catch (error) {
      await lock.release();
      throw isWaterMillError(error) ? error : cannotKeep(directory, error);
    }
  }

  /** The position of each source in the last commit. */
  positions(): Map<string, Json> {
    return this.stillValid(this.lastCommit?.positions);
  }

  /** The end of the first batch of each source, if it is known and not a number. */
  starts(): Map<string, Json> {
    return this.stillValid(this.lastCommit?.starts);
  }

  /** What the last commit says of each source, except for sources that have started over since. */
  private stillValid(bySource: { readonly [source: string]: Json } = {}): Map<string, Json> {
    const { lastCommit, sources } = this;
    const since = new Map(Object.entries(sources ?? {}));
    const isValid = (name: string): boolean => (lastCommit?.id ?? 0) > (since.get(name) ?? Number.POSITIVE_INFINITY);
    return new Map(Object.entries(bySource).filter(([name]) => isValid(name)));
  }

  async keepSources(sources: KnownSources): Promise<void> {
    const record: StreamRecord = { format: 1, sources };
    await this.write(path.join(this.directory, 'stream.json'), record);
    this.sources = sources;
  }

  async keepOffsets(record: OffsetsRecord): Promise<void> {
    await this.write(this.file('offsets', record.id), record);
    this.open = record;
    this.lastId = record.id;
  }

  async keepCommit(record: CommitRecord): Promise<void> {
    await this.write(this.file('commits', record.id), record);
    this.lastCommit = record;
    this.open = undefined;
    this.lastId = Math.max(this.lastId, record.id);
  }

  /** Gives up the batch that was begun: a commit under its id, at the positions before it. No later start repeats it. */
  async dropOpen(): Promise<void> {
    if (this.open === undefined) return;
    const kept = { positions: Object.fromEntries(this.positions()), starts: Object.fromEntries(this.starts()) };
    await this.keepCommit({ id: this.open.id, ...kept, at: new RealDate().toISOString() });
  }

  /** Deletes all but the last records. The last commit is already on disk. */
  async retain(keep: number): Promise<void> {
    const last = this.lastCommit?.id ?? 0;
    try {
      for (const kind of kinds) {
        for (const id of await this.ids(kind)) if (id <= last - keep) await ifExists(fs.unlink(this.file(kind, id)));
      }
    } catch (error) {
      throw isWaterMillError(error) ? error : cannotKeep(this.directory, error);
    }
  }

  release(): Promise<void> {
    return this.lock.release();
  }

  private async find(): Promise<void> {
    const [offsets, commits] = [await this.ids('offsets'), await this.ids('commits')];
    const [lastOffsets, lastCommit] = [offsets.at(-1) ?? 0, commits.at(-1) ?? 0];
    if (lastCommit > 0) this.lastCommit = await this.readCommit(lastCommit);
    if (lastOffsets > lastCommit) this.open = await this.readOffsets(lastOffsets);
    this.lastId = Math.max(lastOffsets, lastCommit);
    if (this.open !== undefined && this.open.follows !== lastCommit) {
      const file = this.file('offsets', lastOffsets);
      const found = `bounds that follow commit ${this.open.follows}`;
      throw damaged(file, `bounds that follow commit ${lastCommit}, the last one`, found);
    }
    if (this.sources === undefined && this.lastId > 0) {
      throw damaged(path.join(this.directory, 'stream.json'), 'the names of the sources', 'no such file');
    }
  }

  private async readOffsets(id: number): Promise<OffsetsRecord> {
    const file = this.file('offsets', id);
    const record = (await readJson(file)) as Partial<OffsetsRecord> | null;
    const bounds = Object.values(record?.bounds ?? {});
    const areBounds =
      isObject(record?.bounds) && bounds.length > 0 && bounds.every((bound) => isObject(bound) && 'to' in bound);
    if (record?.id !== id || !Number.isSafeInteger(record.follows) || !areBounds) {
      throw damaged(file, `{ "id": ${id}, "follows", "bounds" }`, 'something else');
    }
    return record as OffsetsRecord;
  }

  private async readCommit(id: number): Promise<CommitRecord> {
    const file = this.file('commits', id);
    const record = (await readJson(file)) as Partial<CommitRecord> | null;
    const hasOffsets = isObject(record?.positions) && isObject(record.starts ?? {});
    if (record?.id !== id || !hasOffsets || Number.isNaN(Date.parse(String(record.at)))) {
      throw damaged(file, `{ "id": ${id}, "positions", "at" }`, 'something else');
    }
    return record as CommitRecord;
  }

  /** The ids of the records of a kind, in order; removes the remains of an interrupted write. */
  private async ids(kind: Kind): Promise<readonly number[]> {
    const folder = path.join(this.directory, kind);
    const ids: number[] = [];
    for (const name of await fs.readdir(folder)) {
      const [, id, isFresh] = /^([1-9]\d{0,14})\.json(\.new)?$/.exec(name) ?? [];
      const file = path.join(folder, name);
      if (id === undefined) throw damaged(file, 'records <id>.json', 'a file that does not belong to the stream');
      if (isFresh === undefined) ids.push(Number(id));
      else await ifExists(fs.unlink(file));
    }
    return ids.sort((a, b) => a - b);
  }

  private file(kind: Kind, id: number): string {
    return path.join(this.directory, kind, `${id}.json`);
  }

  private async write(file: string, record: object): Promise<void> {
    try {
      await this.lock.confirm();
      await replaceFile(file, `${JSON.stringify(record)}\n`);
    } catch (error) {
      throw isWaterMillError(error) ? error : cannotKeep(file, error);
    }
  }
}

async function readStream(directory: string): Promise<StreamRecord | undefined> {
  const file = path.join(directory, 'stream.json');
  const record = (await readJson(file)) as Partial<StreamRecord> | null | undefined;
  if (record === undefined) return undefined;
  const areIds = Object.values(record?.sources ?? {}).every((id) => Number.isSafeInteger(id) && id >= 0);
  if (record?.format !== 1 || !isObject(record.sources) || !areIds) {
    throw damaged(file, '{ "format": 1, "sources" }', 'something else');
  }
  return record as StreamRecord;
}

/** Undefined if there is no such file. */
async function readJson(file: string): Promise<unknown> {
  const text = await ifExists(readKeptText(file));
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw damaged(file, 'JSON', reasonOf(error));
  }
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function damaged(file: string, expected: string, found: string): WaterMillError {
  return new WaterMillError(
    'WM_PROGRESS_DAMAGED',
    `The directory of the batch stream is damaged at ${file}: expected ${expected}, found ${found}. ` +
      'Restore it, or remove what does not belong there; a new directory starts over.',
    { stream: file, expected, found },
  );
}

function isInUse(directory: string, owner: string, file: string): WaterMillError {
  return new WaterMillError(
    'WM_GROUP_IN_USE',
    `The batch stream in ${directory} is in use by ${owner}. Wait until that one has ended, or give this one another ` +
      `directory. Its lock is ${file}.`,
    { stream: directory, expected: 'no other batch stream in this directory', found: owner },
  );
}

function cannotKeep(file: string, error: unknown): WaterMillError {
  const found = reasonOf(error);
  const remedy = diskRemedy(error, 'Give a directory that this process can write to.');
  return new WaterMillError(
    'WM_OUTPUT_FAILED',
    `The batch stream cannot keep its progress in ${file}: ${found}. ${remedy}`,
    { stream: file, found },
    { cause: error },
  );
}
