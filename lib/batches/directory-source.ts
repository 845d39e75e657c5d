import { promises as fs } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../base/clock.js';
import { reasonOf } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import { BrokerOptions } from '../brokers/broker-options.js';
import type { BatchRequest, BatchSource, SourceBatch } from '../brokers/custom/source.js';
import { pause } from '../brokers/custom/waiting.js';
import { Arrivals } from '../brokers/directory/arrivals.js';
import { cannotReadFile, hasChanged, isGone } from '../brokers/directory/directory-errors.js';
import {
  type FileInfo,
  type FileOptions,
  fileRulesOf,
  isCount,
  isText,
} from '../brokers/directory/directory-options.js';
import { textOf } from '../brokers/directory/file-reader.js';
import { Journal } from '../brokers/directory/journal.js';
import type { Arrival } from '../brokers/directory/journal-text.js';
import { listFiles } from '../brokers/directory/list-files.js';
import { loadFile } from '../brokers/directory/load-file.js';
import { FileLock } from '../files/file-lock.js';
import { makeFolders } from '../files/make-folders.js';

/** A file of a directory, with its text. */
export interface DirectoryFile extends FileInfo {
  readonly text: string;
}

/** Which files of a directory are read, and how many at a time. */
export interface DirectorySourceOptions<T = DirectoryFile>
  extends Pick<FileOptions, 'pattern' | 'recursive' | 'order' | 'settleMs' | 'marker' | 'onLate'> {
  /** The maximum number of files in a batch, at least 1. Default: 1,000. */
  readonly maxFiles?: number;
  /** The maximum total size of the files in a batch; a larger file is a batch of its own. Bytes. Default: 16 MiB. */
  readonly maxBytes?: number;
  /** The file that keeps the order of the files. Default: `.watermill/journal` in the directory. */
  readonly journal?: string;
  /** Makes the item of a batch from a file. Default: `{ name, path, size, modified, text }`. */
  readonly file?: (text: string, file: FileInfo) => T;
}

const fileNames = ['pattern', 'recursive', 'order', 'settleMs', 'marker', 'onLate'];
const known = [...fileNames, 'maxFiles', 'maxBytes', 'journal', 'file'];
const patienceMs = 10_000;

/**
 * The files of a directory as a source of a batch stream: complete files only, in an order that is decided once, by a
 * journal. The offset is the number of a file in the journal, which may be shared by any number of streams over the
 * directory. It is an error if a file is gone or changed when its batch is read or repeated: a batch never changes.
 *
 * @throws WaterMillError `WM_BROKER_OPTIONS` for an option that is invalid.
 * @example
 * ```ts no-run
 * new BatchStream({ sources: { numbers: directorySource('drop', { maxFiles: 3 }) }, directory: 'state/stats' });
 * ```
 */
export function directorySource<T = DirectoryFile>(
  directory: string,
  options: DirectorySourceOptions<T> = {},
): BatchSource<readonly T[], number> {
  const checked = new BrokerOptions('directorySource()', options, known);
  if (!isText(directory)) checked.refuse('The first argument', 'the path of a directory', directory);
  const isPositive = (value: unknown): boolean => isCount(value) && value !== 0;
  const maxFiles = checked.take<number>('maxFiles', 'a whole number above 0', isPositive) ?? 1_000;
  const maxBytes = checked.take<number>('maxBytes', 'a whole number above 0', isPositive) ?? 16 * 1024 * 1024;
  const journal =
    checked.take<string>('journal', 'the path of a file', isText) ?? path.join(directory, '.watermill', 'journal');
  checked.take('file', 'a function (text, file) => value', (value) => typeof value === 'function');
  const make = options.file ?? ((text, file) => ({ ...file, text }) as T);
  const source = new DirectorySource(directory, journal, fileRulesOf(checked, options), maxFiles, maxBytes, make);
  return { read: (request) => source.read(request) };
}

const remedy = 'Restore the previous file, or skip it with resetStream().';

class DirectorySource<T> {
  private arrivals: Arrivals | undefined;

  constructor(
    private readonly directory: string,
    private readonly journalFile: string,
    private readonly rules: ReturnType<typeof fileRulesOf>,
    private readonly maxFiles: number,
    private readonly maxBytes: number,
    private readonly make: (text: string, file: FileInfo) => T,
  ) {}

  async read({ after = -1, to, signal }: BatchRequest<number>): Promise<SourceBatch<readonly T[], number> | undefined> {
    const lock = await this.takeLock(signal);
    try {
      const arrivals = await this.opened();
      let files = this.behind(arrivals, after, to);
      if (to === undefined && files.length === 0) {
        const { nextAt } = await arrivals.look(after + 1);
        files = this.behind(arrivals, after, to);
        if (files.length === 0 && nextAt !== undefined) {
          // A timer may fire slightly early.
          await pause(systemClock, Math.max(0, Math.ceil(nextAt - systemClock.now())) + 2, signal);
          await arrivals.look(after + 1);
          files = this.behind(arrivals, after, to);
        }
      }
      if (files.length === 0) return undefined;
      const data: T[] = [];
      for (const file of files) data.push(await this.load(arrivals, file));
      return { data, to: to ?? files.at(-1)!.n };
    } finally {
      await lock.release();
    }
  }

  /** The current journal: another process may have written to it. */
  private async opened(): Promise<Arrivals> {
    const length = (await fs.stat(this.journalFile).catch(() => undefined))?.size ?? 0;
    if (this.arrivals?.journal.length === length) return this.arrivals;
    const journal = await Journal.open(this.journalFile);
    const report = (name: string, text: string): void =>
      process.emitWarning(`${name} in ${this.directory}: ${text}`, 'WaterMillWarning');
    this.arrivals = new Arrivals(this.place, this.rules, journal, systemClock, report, undefined, true);
    return this.arrivals;
  }

  private behind(arrivals: Arrivals, after: number, to: number | undefined): Arrival[] {
    const files: Arrival[] = [];
    let bytes = 0;
    for (let n = after + 1; n <= (to ?? arrivals.journal.next - 1); n++) {
      const file = arrivals.journal.at(n);
      if (file === undefined || file.skip !== undefined || !arrivals.isMine(file.name)) continue;
      bytes += file.size;
      if (to === undefined && files.length > 0 && (files.length === this.maxFiles || bytes > this.maxBytes)) break;
      files.push(file);
    }
    return files;
  }

  private async load(arrivals: Arrivals, file: Arrival): Promise<T> {
    const { n, name, size } = file;
    const where = path.join(this.directory, name);
    const isLost = arrivals.journal.isGone(n);
    const loaded = isLost ? undefined : await loadFile(where, file, Number.POSITIVE_INFINITY);
    if (loaded === undefined || loaded.kind === 'gone') throw isGone(this.place, file, n, remedy);
    if (loaded.kind !== 'whole') {
      const change = loaded.kind === 'changed' ? loaded.change : 'it is too large';
      throw hasChanged(this.place, file, n, change, remedy);
    }
    const text = await textOf(loaded.bytes);
    if (text === undefined) throw cannotReadFile(this.place, file, n, new Error('its text is no UTF-8'));
    try {
      return this.make(text, { name, path: where, size, modified: loaded.modified });
    } catch (cause) {
      throw new Error(`the option \`file\` threw for ${name} in ${this.directory}: ${reasonOf(cause)}`, { cause });
    }
  }

  private async takeLock(signal: AbortSignal): Promise<FileLock> {
    const folder = path.dirname(this.journalFile);
    if ((await fs.stat(folder).catch(() => undefined)) === undefined) {
      // A missing directory is an error, and is not created.
      await listFiles(this.place, this.rules);
      await makeFolders(folder);
    }
    const inUse = (owner: string, file: string): Error =>
      new WaterMillError(
        'WM_GROUP_IN_USE',
        `The journal ${this.journalFile} has been in use by ${owner} for 10 s. Wait, or give this source its own journal. Its lock is ${file}.`,
        { stream: this.directory, expected: 'a free journal', found: owner },
      );
    return FileLock.take(this.journalFile, { inUse, signal, patienceMs });
  }

  private get place() {
    return { message: 'directorySource', directory: this.directory };
  }
}
