import type { FileHandle } from 'node:fs/promises';
import { pieceBytes } from '../../parsing/text-window.js';
import type { ByteSource } from './byte-source.js';
import { FileChange, type FileState } from './file-state.js';

/** The number of pieces per read: more cost memory, fewer cost waiting. */
const piecesPerRead = 4;

/** An uncompressed file. While the reader works on one block, the next one is read ahead. */
export class PlainSource implements ByteSource {
  readonly packed = false;
  private readonly spare: Uint8Array[] = [];
  private block: Uint8Array = new Uint8Array(0);
  private given = 0;
  private asked: number;
  private ahead: Promise<Uint8Array> | undefined;

  constructor(
    private readonly file: FileHandle,
    private readonly state: Pick<FileState, 'size' | 'change'>,
    readonly origin: number,
  ) {
    this.asked = origin;
  }

  next(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (this.given < this.block.length) return this.piece();
    return this.nextBlock();
  }

  fraction(): number {
    const { size } = this.state;
    return size === 0 ? 1 : Math.min(1, (this.asked - (this.block.length - this.given)) / size);
  }

  change(): Promise<string | undefined> {
    return this.state.change();
  }

  async close(): Promise<void> {
    await this.ahead?.catch(() => {});
    await this.file.close();
  }

  private async nextBlock(): Promise<Uint8Array | undefined> {
    const arrived = await (this.ahead ?? this.read());
    if (this.block.length > 0) this.spare.push(new Uint8Array(this.block.buffer));
    this.block = arrived;
    this.given = 0;
    this.asked += arrived.length;
    if (arrived.length === 0) return this.end();
    this.ahead = this.read();
    // The reader awaits this when it reaches the block; until then a failure must not be an unhandled rejection.
    this.ahead.catch(() => {});
    return this.piece();
  }

  private async end(): Promise<undefined> {
    const change = await this.state.change();
    if (change !== undefined) throw new FileChange(change);
    return undefined;
  }

  private piece(): Uint8Array {
    const end = Math.min(this.given + pieceBytes, this.block.length);
    const piece = this.block.subarray(this.given, end);
    this.given = end;
    return piece;
  }

  private async read(): Promise<Uint8Array> {
    const target = this.spare.pop() ?? new Uint8Array(piecesPerRead * pieceBytes);
    const { bytesRead } = await this.file.read(target, 0, target.length, this.asked);
    return target.subarray(0, bytesRead);
  }
}
