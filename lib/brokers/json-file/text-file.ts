import { promises as fs } from 'node:fs';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { outputFailed } from './output-errors.js';

const pack = promisify(gzip);
const plainBlock = 64 * 1024;
/** Packing works on one block at a time; a larger one packs better. */
const packedBlock = 256 * 1024;

/**
 * Text that is appended to a file, in blocks. One block is being written while the next one grows. In a packed file each
 * block is a member of its own (gunzip gives the members as one text), so that the file can be cut at any block.
 */
export class TextFile {
  /** The length of the file, as far as it was handed to the system. */
  bytes = 0;

  private text = '';
  private underway: Promise<void> | undefined;
  private failure: unknown;
  private readonly block: number;
  private readonly buffer: Buffer;

  constructor(
    private readonly path: string,
    private readonly file: fs.FileHandle,
    private readonly packed: boolean,
  ) {
    this.block = packed ? packedBlock : plainBlock;
    this.buffer = Buffer.allocUnsafe(2 * this.block);
  }

  append(text: string): void {
    this.text += text;
  }

  /** A block is full: `send` it. */
  get full(): boolean {
    return this.text.length >= this.block;
  }

  /** Begins to write what was appended; waits only where the block before is still being written. */
  send(): void | Promise<void> {
    this.check();
    if (this.underway !== undefined) return this.underway.then(() => this.send());
    if (this.text === '') return;
    const bytes = this.encode();
    this.underway = this.write(bytes).then(
      () => {
        this.underway = undefined;
      },
      (error: unknown) => {
        this.underway = undefined;
        this.failure = outputFailed(this.path, error);
      },
    );
  }

  /** Resolves when everything is in the file; `durable`: also after a loss of power. */
  async finish(durable: boolean): Promise<void> {
    await this.send();
    await this.underway;
    this.check();
    if (durable) await this.file.datasync();
  }

  /** Nothing comes behind this. A packed file without a block would be none: it gets an empty one. */
  async complete(): Promise<void> {
    await this.finish(false);
    if (this.packed && this.bytes === 0) await this.write(new Uint8Array());
    await this.file.datasync();
  }

  async cut(bytes: number): Promise<void> {
    await this.file.truncate(bytes);
    this.bytes = bytes;
  }

  async close(): Promise<void> {
    await this.underway;
    await this.file.close();
  }

  private check(): void {
    if (this.failure !== undefined) throw this.failure;
  }

  /** The buffer is used again for every block: only one is being written at a time. */
  private encode(): Uint8Array {
    const { text } = this;
    this.text = '';
    if (text.length * 3 > this.buffer.length && Buffer.byteLength(text) > this.buffer.length) return Buffer.from(text);
    return this.buffer.subarray(0, this.buffer.write(text));
  }

  private async write(text: Uint8Array): Promise<void> {
    const bytes = this.packed ? await pack(text) : text;
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, written, bytes.length - written, this.bytes);
      written += bytesWritten;
      this.bytes += bytesWritten;
    }
  }
}
