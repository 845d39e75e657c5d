import { promises as fs } from 'node:fs';
import type { Clock } from '../../../base/clock.js';
import { ifExists } from '../../../files/durable-files.js';
import { pause } from '../../custom/waiting.js';
import { pieceBytes } from '../../parsing/text-window.js';
import type { ByteSource } from './byte-source.js';
import { type FileSample, readPart, sampleOfBytes } from './file-sample.js';
import { FileChange } from './file-state.js';

/** The interval at which a file without new data is checked, in milliseconds. */
const lookEveryMs = 200;
/** The number of bytes before the end that must be unchanged when the file grows. */
const tailBytes = 256;

/** A growing file: at its end, it waits for more. It never ends. */
export class FollowedSource implements ByteSource {
  readonly packed = false;
  private readonly abort = new AbortController();
  private readonly buffer = new Uint8Array(pieceBytes);
  private at: number;
  private tail: Buffer = Buffer.alloc(0);
  private sampled: FileSample | undefined;
  /** The last read reached the end. */
  private isAtEnd = false;

  private constructor(
    private readonly path: string,
    private readonly file: fs.FileHandle,
    readonly origin: number,
    private readonly clock: Clock,
  ) {
    this.at = origin;
  }

  static async open(path: string, file: fs.FileHandle, origin: number, clock: Clock): Promise<FollowedSource> {
    const source = new FollowedSource(path, file, origin, clock);
    source.tail = await readPart(file, Math.max(0, origin - tailBytes), origin);
    return source;
  }

  /** The last bytes that were read: of what was read, not of what the file holds there by now. */
  get lastRead(): FileSample {
    if (this.sampled?.to !== this.at) this.sampled = sampleOfBytes(this.tail, this.at);
    return this.sampled;
  }

  async next(): Promise<Uint8Array | undefined> {
    const { signal } = this.abort;
    while (!signal.aborted) {
      const { bytesRead } = await this.file.read(this.buffer, 0, this.buffer.length, this.at);
      // They may belong to another text in this file or, after its end, to another file.
      const change = await (this.isAtEnd ? this.change() : this.changeOfText());
      if (change !== undefined) throw new FileChange(change);
      this.isAtEnd = bytesRead < this.buffer.length;
      if (bytesRead > 0) return this.piece(this.buffer.subarray(0, bytesRead));
      if (!signal.aborted) await pause(this.clock, lookEveryMs, signal);
    }
    return undefined;
  }

  fraction(): undefined {
    return undefined;
  }

  async change(): Promise<string | undefined> {
    const { dev, ino } = await this.file.stat({ bigint: true });
    const named = await ifExists(fs.stat(this.path, { bigint: true }));
    if (named === undefined) return 'it was deleted or renamed';
    if (named.ino !== ino || named.dev !== dev) return 'another file replaced it';
    return this.changeOfText();
  }

  async close(): Promise<void> {
    this.abort.abort();
    await this.file.close();
  }

  private piece(piece: Uint8Array): Uint8Array {
    this.at += piece.length;
    this.tail = Buffer.concat([this.tail, piece.subarray(-tailBytes)]).subarray(-tailBytes);
    return piece;
  }

  /** Like `change`, whatever name the file has by now: the rest of a renamed one can still be read. */
  private async changeOfText(): Promise<string | undefined> {
    // Read first: if the file is cut off after that, its size shows it.
    const tail = await readPart(this.file, this.at - this.tail.length, this.at);
    const { size } = await this.file.stat();
    if (size < this.at) return `it shrank from at least ${this.at} to ${size} bytes`;
    return tail.equals(this.tail) ? undefined : 'what was read of it was overwritten';
  }
}
