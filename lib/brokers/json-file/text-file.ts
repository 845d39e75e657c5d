import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { WaterMillError } from '../../base/watermill-error.js';
import type { ByteSink } from './byte-sink.js';
import { outputFailed } from './output-errors.js';

const pack = promisify(gzip);
/** Waking the thread that writes is dear, so bytes are collected. */
const blockBytes = 256 * 1024;
/** How much text becomes bytes at a time: text that is kept for longer costs time in garbage collection. */
const pieceLength = 64 * 1024;
const mostBytesPerCharacter = 3;
const bufferBytes = blockBytes + mostBytesPerCharacter * pieceLength;

/**
 * Text that is appended to a file or a stream, in blocks. One block is being written while the next one grows. In a compressed
 * file each block is a member itself (gunzip returns the members as one text), so that it can be cut at any block.
 */
export class TextFile {
  private text = '';
  private underway: Promise<void> | undefined;
  private failure: unknown;
  private buffer = Buffer.allocUnsafe(bufferBytes);
  private filled = 0;
  /** Used in turn with `buffer`: one is filled while the other is being written. */
  private other = Buffer.allocUnsafe(bufferBytes);

  constructor(
    private readonly path: string,
    private readonly sink: ByteSink,
    private readonly packed: boolean,
    /** The length of the file, as far as it was handed to the system. */
    public bytes = 0,
  ) {}

  append(text: string): void {
    this.text += text;
  }

  /** Appends some bytes of a block. */
  appendBytes(block: Uint8Array, start: number, end: number): void {
    if (this.text !== '') this.encode();
    this.makeRoom(end - start);
    this.buffer.set(block.subarray(start, end), this.filled);
    this.filled += end - start;
  }

  /** It is time to `send`. */
  get full(): boolean {
    return this.text.length >= pieceLength || this.filled >= blockBytes;
  }

  /** Begins to write what was appended where it is a block; waits only where the one before is still being written. */
  send(): void | Promise<void> {
    this.encode();
    if (this.filled >= blockBytes) return this.begin();
  }

  /** Begins to write all that was appended, however little that is. */
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
        this.failure = error instanceof WaterMillError ? error : outputFailed(this.path, error);
      },
    );
  }

  /** Resolves when everything is in the file; `durable`: also after a loss of power. */
  async finish(durable: boolean): Promise<void> {
    await this.sendAll();
    await this.underway;
    this.check();
    if (durable) await this.sink.sync();
  }

  /** Nothing follows this. A compressed file without a block would not be one: it gets an empty one. */
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

  /** Makes bytes of the text that was appended. */
  private encode(): void {
    const { text } = this;
    this.text = '';
    const room = this.buffer.length - this.filled;
    if (text.length * mostBytesPerCharacter > room) this.makeRoom(Buffer.byteLength(text));
    this.filled += this.buffer.write(text, this.filled);
  }

  private makeRoom(bytes: number): void {
    if (this.filled + bytes <= this.buffer.length) return;
    // Twice as large: what comes in small pieces and is not sent in between is then not copied for each of them.
    const larger = Buffer.allocUnsafe(Math.max(this.filled + bytes, 2 * this.buffer.length));
    this.buffer.copy(larger, 0, 0, this.filled);
    this.buffer = larger;
  }

  /** The bytes that were collected; from now on the other buffer is filled. One made for a large element is freed. */
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
