import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { isWaterMillError } from '../../../base/watermill-error.js';
import type { ByteSink } from './byte-sink.js';
import { outputFailed } from './output-errors.js';

const pack = promisify(gzip);
/** Waking the writing thread is expensive, so bytes are collected up to this size. */
const blockBytes = 256 * 1024;
/** The amount of text encoded at a time: keeping text for longer costs garbage collection. */
const pieceLength = 64 * 1024;
const mostBytesPerCharacter = 3;
const bufferBytes = blockBytes + mostBytesPerCharacter * pieceLength;

/**
 * Appends text to a file or a stream, in blocks. One block is written while the next one grows. In a compressed file,
 * each block is a separate gzip member (gunzip returns all members as one text), so that the file can be cut after any
 * block.
 */
export class TextFile {
  private text = '';
  private underway: Promise<void> | undefined;
  private failure: unknown;
  private buffer = Buffer.allocUnsafe(bufferBytes);
  private filled = 0;
  /** Double buffering: one buffer is filled while the other is written. */
  private other = Buffer.allocUnsafe(bufferBytes);

  constructor(
    private readonly path: string,
    private readonly sink: ByteSink,
    private readonly packed: boolean,
    /** The length of the file, as far as it was passed to the operating system. */
    public bytes = 0,
  ) {}

  append(text: string): void {
    this.text += text;
  }

  /** Appends bytes of a block. */
  appendBytes(block: Uint8Array, start: number, end: number): void {
    if (this.text !== '') this.encode();
    this.makeRoom(end - start);
    this.buffer.set(block.subarray(start, end), this.filled);
    this.filled += end - start;
  }

  /** It is time to call `send`. */
  get full(): boolean {
    return this.text.length >= pieceLength || this.filled >= blockBytes;
  }

  /** Starts to write a complete block; waits only if the previous block is still being written. */
  send(): void | Promise<void> {
    this.encode();
    if (this.filled >= blockBytes) return this.begin();
  }

  /** Starts to write everything appended so far, however little. */
  sendAll(): void | Promise<void> {
    this.encode();
    return this.begin();
  }

  private begin(): void | Promise<void> {
    this.check();
    if (this.underway !== undefined) return this.underway.then(() => this.begin());
    if (this.filled === 0) return;
    const bytes = this.takeBlock();
    this.underway = this.write(bytes).then(
      () => {
        this.underway = undefined;
      },
      (error: unknown) => {
        this.underway = undefined;
        this.failure = isWaterMillError(error) ? error : outputFailed(this.path, error);
      },
    );
  }

  /** Resolves when everything is in the file; `durable`: also after a power failure. */
  async finish(durable: boolean): Promise<void> {
    await this.sendAll();
    await this.underway;
    this.check();
    if (durable) await this.sink.sync();
  }

  /** Completes the file. A compressed file needs at least one block: it may be an empty one. */
  async complete(): Promise<void> {
    await this.finish(false);
    if (this.packed && this.bytes === 0) await this.write(new Uint8Array());
    await this.sink.sync();
  }

  async close(): Promise<void> {
    await this.underway;
    await this.sink.close();
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** Encodes the text appended so far. */
  private encode(): void {
    const { text } = this;
    this.text = '';
    const room = this.buffer.length - this.filled;
    if (text.length * mostBytesPerCharacter > room) this.makeRoom(Buffer.byteLength(text));
    this.filled += this.buffer.write(text, this.filled);
  }

  private makeRoom(bytes: number): void {
    if (this.filled + bytes <= this.buffer.length) return;
    // Twice as large, so that many small pieces without a `send` in between are not copied each time.
    const larger = Buffer.allocUnsafe(Math.max(this.filled + bytes, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.filled);
    this.buffer = larger;
  }

  /** The collected bytes; from now on the other buffer is filled. A buffer made for a large element is freed. */
  private takeBlock(): Uint8Array {
    const { buffer, other } = this;
    const block = buffer.subarray(0, this.filled);
    this.buffer = other;
    this.other = buffer.length === bufferBytes ? buffer : Buffer.allocUnsafe(bufferBytes);
    this.filled = 0;
    return block;
  }

  private async write(text: Uint8Array): Promise<void> {
    const bytes = this.packed ? await pack(text) : text;
    await this.sink.write(bytes);
    this.bytes += bytes.length;
  }
}
