import { promises as fs } from 'node:fs';
import path from 'node:path';
import { systemClock } from '../base/clock.js';
import { shownValue } from '../base/shown-value.js';
import { reasonOf } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import { BrokerOptions } from '../brokers/broker-options.js';
import type { BatchRequest, BatchSource, SourceBatch } from '../brokers/custom/source.js';
import { pause } from '../brokers/custom/waiting.js';
import { Arrivals } from '../brokers/directory/arrivals.js';
import { cannotReadFile, hasChanged, isGone } from '../brokers/directory/directory-errors.js';
import { type FileInfo, type FileOptions, fileRulesOf } from '../brokers/directory/directory-options.js';
import { textOf } from '../brokers/directory/file-reader.js';
import { Journal } from '../brokers/directory/journal.js';
import type { Arrival } from '../brokers/directory/journal-text.js';
import { listFiles } from '../brokers/directory/list-files.js';
import { loadFile } from '../brokers/directory/load-file.js';
import { isCountAboveZero, isFunction, isText } from '../brokers/option-values.js';
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
  const maxFiles = checked.take<number>('maxFiles', 'a whole number above 0', isCountAboveZero) ?? 1_000;
  const maxBytes = checked.take<number>('maxBytes', 'a whole number above 0', isCountAboveZero) ?? 16 * 1024 * 1024;
  const journal =
    checked.take<string>('journal', 'the path of a file', isText) ?? path.join(directory, '.watermill', 'journal');
  checked.take('file', 'a function (text, file) => value', isFunction);
  const make = options.file ?? ((text, file) => ({ ...file, text }) as T);
  const source = new DirectorySource(directory, journal, fileRulesOf(checked, options), maxFiles, maxBytes, make);
  return { read: (request) => source.read(request) };
}

/** The files of the next batch, or of the one to repeat. */
interface Next {
  readonly files: readonly Arrival[];
  /** The time when another file may be complete, by the system's clock, if there are no files yet. */
  readonly nextAt: number | undefined;
}

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

  async read(request: BatchRequest<number>): Promise<SourceBatch<readonly T[], number> | undefined> {
    let { files, nextAt } = await this.next(request);
    if (files.length === 0 && nextAt !== undefined) {
      // A timer may fire slightly early.
      await pause(systemClock, Math.max(0, Math.ceil(nextAt - systemClock.now())) + 2, request.signal);
      if (request.signal.aborted) return undefined;
      ({ files, nextAt } = await this.next(request));
    }
    if (files.length === 0) return undefined;
    const data: T[] = [];
    for (const file of files) {
      try {
        data.push(await this.load(file, request));
      } catch (error) {
        // A new batch ends before a file that cannot be read: the next one begins with it, so it can be skipped alone.
        if (request.to !== undefined || data.length === 0) throw error;
        return { data, to: files[data.length - 1]!.n };
      }
    }
    return { data, to: request.to ?? files.at(-1)!.n };
  }

  /** Scans the directory if no files are known. The journal is locked meanwhile: other processes may write to it. */
  private next({ after = -1, to, signal }: BatchRequest<number>): Promise<Next> {
    return this.locked(signal, async (arrivals) => {
      for (const offset of [after, to ?? after]) this.expectPlace(arrivals.journal, offset);
      const files = this.behind(arrivals, after, to);
      if (to !== undefined || files.length > 0) return { files, nextAt: undefined };
      const { nextAt } = await arrivals.look(after + 1);
      return { files: this.behind(arrivals, after, to), nextAt };
    });
  }

  private async locked<R>(signal: AbortSignal, work: (arrivals: Arrivals) => Promise<R>): Promise<R> {
    const lock = await this.takeLock(signal);
    try {
      return await work(await this.opened());
    } finally {
      await lock.release();
    }
  }

  /** Throws for an offset that is no file of the journal: files would be skipped, or never come. */
  private expectPlace({ next }: Journal, offset: unknown): void {
    if (offset === -1 || (Number.isSafeInteger(offset) && (offset as number) >= 0 && (offset as number) < next)) return;
    const [expected, found] = [next === 0 ? 'none, since it is empty' : `one up to ${next - 1}`, shownValue(offset)];
    throw new WaterMillError(
      'WM_PROGRESS_DAMAGED',
      `The journal ${this.journalFile} does not fit the progress of the batch stream: expected an offset of a file in it, ${expected}, found ${found}. ` +
        'Restore the journal together with the progress, or say where to continue with resetStream().',
      { stream: this.directory, expected, found },
    );
  }

  /** The state of the directory, with the current journal: another process may have written to it. */
  private async opened(): Promise<Arrivals> {
    const length = (await fs.stat(this.journalFile).catch(() => undefined))?.size ?? 0;
    if (this.arrivals?.journal.length === length) return this.arrivals;
    const journal = await Journal.open(this.journalFile);
    const report = (name: string, text: string): void =>
      process.emitWarning(`${name} in ${this.directory}: ${text}`, 'WaterMillWarning');
    // What was seen of files that are not complete, and which changes were reported, stays known.
    if (this.arrivals !== undefined) this.arrivals.follow(journal);
    else this.arrivals = new Arrivals(this.place, this.rules, journal, systemClock, report, undefined, true);
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

  private async load(file: Arrival, request: BatchRequest<number>): Promise<T> {
    const { n, name, size } = file;
    const { place } = this;
    const where = path.join(this.directory, name);
    const isLost = this.arrivals?.journal.isGone(n) === true;
    const loaded = isLost ? undefined : await loadFile(where, file, Number.POSITIVE_INFINITY);
    if (loaded === undefined || loaded.kind === 'gone') throw isGone(place, file, n, await this.wayOn(n, request));
    const remedy = wayOnFrom(n, n, request);
    if (loaded.kind !== 'whole') {
      const change = loaded.kind === 'changed' ? loaded.change : 'it is too large';
      throw hasChanged(place, file, n, change, remedy);
    }
    let text: string | undefined;
    try {
      text = await textOf(loaded.bytes);
    } catch (cause) {
      throw cannotReadFile(place, file, n, cause, remedy);
    }
    if (text === undefined) throw cannotReadFile(place, file, n, new Error('its text is not UTF-8'), remedy);
    try {
      return this.make(text, { name, path: where, size, modified: loaded.modified });
    } catch (cause) {
      throw new Error(`the option \`file\` threw for ${name} in ${this.directory}: ${reasonOf(cause)}`, { cause });
    }
  }

  /** How to continue if a file is gone: later files that are gone as well are skipped together with it. */
  private async wayOn(n: number, request: BatchRequest<number>): Promise<string> {
    const last = await this.locked(request.signal, async (arrivals) => {
      await arrivals.look(n);
      const { journal } = arrivals;
      let end = n;
      while (end + 1 < journal.next && journal.isGone(end + 1)) end++;
      return end;
    });
    return wayOnFrom(n, last, request);
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

/** How to continue if the files from `n` to `last` cannot be read. A batch that is repeated cannot leave files out. */
function wayOnFrom(n: number, last: number, { to }: BatchRequest<number>): string {
  const files = n === last ? 'it' : `the files ${n} to ${last}`;
  const otherwise =
    to === undefined
      ? `skip ${n === last ? 'it' : 'them'} with resetStream(): \`to: ${last}\``
      : "give up the batch, which is repeated: onRestart: 'decide anew'";
  return `Restore ${files}, or ${otherwise}.`;
}
