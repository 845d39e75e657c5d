import { isWaterMillError } from '../../base/watermill-error.js';
import type { Batch } from '../batch.js';
import type { StreamReader } from '../broker.js';
import type { BatchParser } from '../parsing/batch-parser.js';
import type { FileIdentity, TextBatch } from '../parsing/text-batch.js';
import { TextFault } from '../parsing/text-fault.js';
import type { TextWindow } from '../parsing/text-window.js';
import { changedError, changedWhileRead, systemError, textError } from './input-errors.js';
import type { InputFile } from './input-file.js';
import type { ByteSource } from './source/byte-source.js';
import type { FileSample } from './source/file-sample.js';
import { FileChange } from './source/file-state.js';
import { FollowedSource } from './source/followed-source.js';

/** Reads one file, forward, batch by batch. Memory: two blocks of read-ahead, and the window with the current batch. */
export class JsonFileReader implements StreamReader {
  /** Returns the identity of the file for a mark, if another broker keeps the marks. */
  identify: (() => FileIdentity) | undefined;
  private closing: Promise<void> | undefined;
  private nextIndex: number;

  constructor(
    private readonly file: InputFile,
    private readonly source: ByteSource,
    private readonly window: TextWindow,
    private readonly parser: BatchParser,
    /** Elements before this one are skipped: a compressed file cannot be opened in the middle. */
    private readonly from: number,
    readonly onlyOnce: boolean,
  ) {
    this.nextIndex = from;
  }

  read(): Batch | Promise<Batch> {
    for (;;) {
      try {
        const batch = this.parser.next(this.window);
        const wanted = batch && this.wanted(batch);
        if (wanted !== undefined) return wanted;
      } catch (fault) {
        return this.fail(fault);
      }
      const piece = this.source.next();
      if (piece instanceof Promise) return this.readAsync(piece);
      this.add(piece);
    }
  }

  /** The last bytes read of a followed file. */
  get lastFollowed(): FileSample | undefined {
    return this.source instanceof FollowedSource ? this.source.lastRead : undefined;
  }

  fraction(): number | undefined {
    return this.source.fraction();
  }

  close(): Promise<void> {
    this.closing ??= this.source.close();
    return this.closing;
  }

  private async readAsync(coming: Promise<Uint8Array | undefined>): Promise<Batch> {
    let piece: Uint8Array | undefined;
    try {
      piece = await coming;
    } catch (error) {
      return this.fail(error);
    }
    this.add(piece);
    return this.read();
  }

  private add(piece: Uint8Array | undefined): void {
    if (piece === undefined) this.window.atEnd = true;
    else this.window.append(piece);
  }

  private wanted(batch: TextBatch): Batch | undefined {
    const passed = Math.max(0, this.from - batch.first);
    if (passed >= batch.count && passed > 0 && !batch.end) return undefined;
    if (batch.first + batch.count < this.from) throw changedError(this.file, { index: this.from });
    this.nextIndex = Math.max(this.nextIndex, batch.first + batch.count);
    const rest = this.source.packed ? batch.withoutFirst(passed) : batch;
    return this.identify === undefined ? rest : rest.of(this.identify());
  }

  private async fail(error: unknown): Promise<never> {
    if (isWaterMillError(error)) throw error;
    // A file that changes while it is read looks broken, so the change is reported first.
    const change = error instanceof FileChange ? error.message : await this.source.change().catch(() => undefined);
    if (change !== undefined) throw changedWhileRead(this.file, this.nextIndex, change);
    throw error instanceof TextFault
      ? await textError(this.file, error, this.onlyOnce)
      : systemError(this.file, this.nextIndex, error);
  }
}
