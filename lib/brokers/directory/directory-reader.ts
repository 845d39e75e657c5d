import { isWaterMillError, WaterMillError } from '../../base/watermill-error.js';
import type { Batch } from '../batch.js';
import type { InputRequest, StreamReader } from '../broker.js';
import { pause } from '../custom/waiting.js';
import { TextWindow } from '../parsing/text-window.js';
import { BatchParts, type DirectoryMark } from './batch-parts.js';
import { cannotReadFile, hasChanged, isGone } from './directory-errors.js';
import type { DirectoryStream } from './directory-stream.js';
import { FileQueue } from './file-queue.js';
import { type FileReader, readAsElement, readElements } from './file-reader.js';
import type { Arrival } from './journal-text.js';
import type { LoadedFile } from './load-file.js';

/** The number of values in a batch of small files. */
const batchValues = 1024;

/** The file that is being read. */
interface OpenFile {
  readonly arrival: Arrival;
  readonly reader: FileReader;
  /** The position of its first element. */
  readonly base: number;
}

/** Reads the files of a directory one by one, as one stream. */
export class DirectoryReader implements StreamReader {
  private readonly abort = new AbortController();
  private readonly window = new TextWindow(0);
  private readonly queue: FileQueue;
  private file: OpenFile | undefined;
  /** The number of the file at which the reader was opened: files committed before are done. */
  readonly begin: number;
  /** Where the stream continues: the file, the element in it, and the position. */
  private n: number;
  private at: number;
  private next: number;
  /** The number of elements of the current file to skip. */
  private passOver: number;
  /** The ends of files: all files before `place` are done when all positions below `position` are. */
  private readonly ends: { readonly place: number; readonly position: number }[];
  private done = 0;
  private failure: { readonly error: unknown } | undefined;
  private giveUp: (() => void) | undefined;
  private working: Promise<Batch> | undefined;

  constructor(
    private readonly stream: DirectoryStream,
    private readonly input: InputRequest,
    mark: DirectoryMark,
  ) {
    this.begin = mark.n;
    this.n = mark.n;
    this.at = mark.at;
    this.next = mark.next;
    this.passOver = mark.at;
    this.ends = [{ place: mark.n, position: mark.next - mark.at }];
    this.queue = new FileQueue(
      mark.n,
      () => stream.journal,
      (arrival) => stream.load(arrival),
    );
    stream.readers.add(this);
  }

  /** The number of the current file. */
  get place(): number {
    return this.n;
  }

  /** The number of the file before which all are done, if all elements below a position are. */
  doneBelow(position: number): number {
    while (this.ends.length > 0 && this.ends[0]!.position <= position) this.done = this.ends.shift()!.place;
    return this.done;
  }

  read(): Promise<Batch> {
    return new Promise((resolve, reject) => {
      this.giveUp = () => resolve(this.parts().batch(this.behind, false));
      if (this.abort.signal.aborted) return this.giveUp();
      this.working = this.nextBatch();
      this.working.then(resolve, reject);
    });
  }

  async close(): Promise<void> {
    this.abort.abort();
    this.giveUp?.();
    this.stream.readers.delete(this);
    await this.working?.catch(() => {});
    await this.file?.reader.close();
    await this.queue.close();
  }

  private get behind(): Pick<DirectoryMark, 'n' | 'at'> {
    return { n: this.n, at: this.at };
  }

  private parts(): BatchParts {
    return new BatchParts({ n: this.n, at: this.at, next: this.next });
  }

  private async nextBatch(): Promise<Batch> {
    if (this.failure !== undefined) throw this.failure.error;
    const parts = this.parts();
    try {
      while (parts.length < batchValues && !this.abort.signal.aborted) {
        // Files that are available do not wait for others.
        if (this.file === undefined && parts.length > 0 && !this.queue.isReady) break;
        this.file ??= await this.openNext();
        if (this.file === undefined) return parts.batch(this.behind, !this.abort.signal.aborted);
        await this.readFrom(this.file, parts);
      }
    } catch (error) {
      if (parts.length === 0) throw error;
      this.failure = { error };
    }
    return parts.batch(this.behind, false);
  }

  private async readFrom(file: OpenFile, parts: BatchParts): Promise<void> {
    const { arrival, reader } = file;
    const batch = await this.reading(file, async () => reader.read());
    const { length } = batch.values;
    const passed = Math.min(this.passOver, length);
    this.passOver -= passed;
    if (length > passed) parts.add(arrival.n, arrival.name, batch, passed);
    this.at += length - passed;
    this.next += length - passed;
    if (!batch.end) return;
    this.file = undefined;
    await reader.close();
    if (this.passOver > 0) {
      const change = `it has ${this.passOver} elements less than were read of it before`;
      throw this.changed(arrival, change, 'Restore the previous file.');
    }
    this.passedFile(arrival.n);
  }

  /** Continues with the next file. */
  private passedFile(n: number): void {
    this.n = n + 1;
    this.at = 0;
    this.ends.push({ place: this.n, position: this.next });
  }

  /** The next file, when there is one; undefined if there will be none, or if the reader is closed. */
  private async openNext(): Promise<OpenFile | undefined> {
    for (;;) {
      const taken = await this.nextFile();
      if (taken === undefined) return undefined;
      const { arrival, loaded } = taken;
      // A file that was begun is known to exist, otherwise the run has failed.
      if (this.passOver > 0 && arrival.n !== this.n) this.stream.expectPlace(-1);
      const file = await this.opened(arrival, loaded);
      if (file !== undefined || this.abort.signal.aborted) return file;
      this.passedFile(arrival.n);
    }
  }

  private async nextFile(): Promise<{ readonly arrival: Arrival; readonly loaded: LoadedFile } | undefined> {
    const { stream, abort } = this;
    const { clock } = stream.request;
    for (;;) {
      if (stream.isDue) await stream.look();
      let taken = this.queue.take();
      if (taken === undefined) {
        await stream.passed();
        const { isIncomplete, nextAt } = await stream.look();
        taken = this.queue.take();
        if (taken === undefined) {
          const { endsWhenEmpty, scanEveryMs } = stream.entry.settings;
          if (abort.signal.aborted || (endsWhenEmpty && !isIncomplete)) return undefined;
          const settlesIn = nextAt === undefined ? scanEveryMs : nextAt - clock.now();
          await pause(clock, Math.max(1, Math.min(scanEveryMs, settlesIn)), abort.signal);
          if (abort.signal.aborted) return undefined;
          continue;
        }
      }
      const { arrival, loading } = taken;
      return { arrival, loaded: await this.reading({ arrival, base: this.next - this.passOver }, () => loading) };
    }
  }

  /** Opens a loaded file; undefined if it is skipped, or if the reader is closed. */
  private async opened(arrival: Arrival, loaded: LoadedFile): Promise<OpenFile | undefined> {
    const { stream, passOver } = this;
    if (loaded.kind === 'gone') return this.passGone(arrival);
    if (loaded.kind === 'changed') {
      if (passOver > 0 || stream.entry.settings.onChanged === 'fail') {
        const advice =
          passOver > 0
            ? 'A part of it was read before, so it is not read again. Restore the previous file.'
            : "Let files be complete when they arrive (see `settleMs` and `marker`), or set onChanged: 'retry' to read its new contents.";
        throw this.changed(arrival, loaded.change, advice);
      }
      const now = await stream.readmit(arrival, this.abort.signal);
      if (this.abort.signal.aborted) return undefined;
      if (now === undefined) return this.passGone(arrival);
      return this.opened(now, await this.reading({ arrival: now, base: this.next }, () => stream.load(now)));
    }
    const { makeElement } = stream.entry.settings;
    const path = stream.pathOf(arrival);
    const { name, size } = arrival;
    const reader =
      makeElement !== undefined && loaded.kind === 'whole'
        ? readAsElement(loaded.bytes, makeElement, { name, path, size, modified: loaded.modified })
        : await readElements(loaded, { path, stamp: arrival, input: this.input }, this.window);
    this.n = arrival.n;
    return { arrival, reader, base: this.next - passOver };
  }

  private async passGone(arrival: Arrival): Promise<undefined> {
    const { stream } = this;
    const isBegun = this.passOver > 0;
    if (isBegun || stream.entry.settings.onGone === 'fail') {
      const advice = isBegun
        ? 'A part of it was read before, so it is not skipped. Restore it.'
        : "Put it back, or set onGone: 'skip' to skip such files.";
      throw isGone(this.directory, arrival, this.next, `${advice} With keep: 'link' it would be there.`);
    }
    stream.warn(arrival.name, 'It disappeared before it was read, and is skipped');
    await stream.journal.append([{ skip: arrival.n }]);
  }

  /** Reads; errors name the position in the whole stream. */
  private async reading<T>(file: Pick<OpenFile, 'arrival' | 'base'>, read: () => Promise<T>): Promise<T> {
    try {
      return await read();
    } catch (error) {
      if (!isWaterMillError(error)) throw cannotReadFile(this.directory, file.arrival, this.next, error);
      const { position, ...details } = error.details;
      if (typeof position !== 'number') throw error;
      const placed = { ...details, position: file.base + position, file: file.arrival.name };
      throw new WaterMillError(error.code, error.message, placed, { cause: error.cause });
    }
  }

  private changed(arrival: Arrival, change: string, advice: string): WaterMillError {
    return hasChanged(this.directory, arrival, this.next, change, advice);
  }

  private get directory() {
    return { message: this.input.message.name, directory: this.stream.entry.settings.directory };
  }
}
