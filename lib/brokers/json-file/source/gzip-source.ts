import { createInflateRaw, type InflateRaw } from 'node:zlib';
import { pieceBytes } from '../../parsing/text-window.js';
import type { ByteSource } from './byte-source.js';
import { checkTrailer, crc32, GzipFault, headerLength, isGzip, trailerLength } from './gzip-format.js';

/** The unit of decompression. If the compressed bytes are damaged, the text of up to this many may be lost. */
const bytesAtOnce = pieceBytes / 4;

/**
 * A gzip file: its members as one text. It decompresses a little at a time, and returns all of its text before it
 * continues, so that memory is bounded and nothing is lost before a damaged place. That is why the framing of members
 * is parsed here, and zlib gets only the deflated bytes.
 */
export class GzipSource implements ByteSource {
  readonly packed = true;
  readonly origin = 0;
  /** Compressed bytes that were read and not decompressed yet. */
  private rest: Uint8Array = new Uint8Array(0);
  private packedRead = 0;
  /** The state of the current member. */
  private inflate: InflateRaw | undefined;
  private isInflated = false;
  private checksum = 0;
  private length = 0;
  private isBusy = false;
  private failure: unknown;
  private isFirst = true;
  private isClosed = false;
  private wake = (): void => {};

  constructor(private readonly source: ByteSource) {}

  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      this.inflate ??= await this.beginMember();
      if (this.inflate === undefined) return undefined;
      const piece = await this.unpack(this.inflate);
      if (piece !== undefined || this.isClosed) return piece;
      await this.endMember(this.inflate);
    }
  }

  /** Bytes that were read and not decompressed yet do not count. */
  fraction(): number | undefined {
    const read = this.source.fraction();
    return read === undefined || this.packedRead === 0 ? read : read * (1 - this.rest.length / this.packedRead);
  }

  change(): Promise<string | undefined> {
    return this.source.change();
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.inflate?.destroy();
    this.wake();
    await this.source.close();
  }

  /** The next piece of the member's text; undefined at its end. */
  private async unpack(inflate: InflateRaw): Promise<Uint8Array | undefined> {
    for (;;) {
      const piece = inflate.read() as Uint8Array | null;
      if (piece !== null) {
        this.checksum = crc32(piece, this.checksum);
        this.length += piece.length;
        return piece;
      }
      if (this.failure !== undefined) throw this.failure;
      if (this.isInflated || this.isClosed) return undefined;
      if (this.isBusy) {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      } else if (this.rest.length > 0) this.feed(inflate);
      else await this.readMore();
    }
  }

  private feed(inflate: InflateRaw): void {
    const piece = this.rest.subarray(0, bytesAtOnce);
    const before = inflate.bytesWritten;
    this.isBusy = true;
    inflate.write(piece, () => {
      const taken = inflate.bytesWritten - before;
      this.rest = this.rest.subarray(taken);
      this.isInflated = taken < piece.length;
      this.isBusy = false;
      this.wake();
    });
  }

  /** Undefined if there are no more members. */
  private async beginMember(): Promise<InflateRaw | undefined> {
    while (!this.isFirst && (this.rest.length === 0 || this.rest[0] === 0)) {
      const isPadding = this.rest.length > 0;
      if (isPadding) this.rest = this.rest.subarray(1);
      else if (!(await this.tryReadMore())) return undefined;
    }
    while (this.rest.length < 2) await this.readMore();
    if (!isGzip(this.rest)) throw new GzipFault('something else follows the compressed data', 'Z_DATA_ERROR');
    let header = headerLength(this.rest);
    for (; header === undefined; header = headerLength(this.rest)) await this.readMore();
    this.rest = this.rest.subarray(header);
    this.checksum = this.length = 0;
    this.isInflated = this.isFirst = false;
    const inflate = createInflateRaw({ chunkSize: pieceBytes });
    inflate.on('readable', () => this.wake());
    inflate.on('error', (error) => {
      this.failure = error;
      this.wake();
    });
    return inflate;
  }

  private async endMember(inflate: InflateRaw): Promise<void> {
    inflate.destroy();
    this.inflate = undefined;
    while (this.rest.length < trailerLength) await this.readMore();
    checkTrailer(this.rest, this.checksum, this.length);
    this.rest = this.rest.subarray(trailerLength);
  }

  private async readMore(): Promise<void> {
    if (!(await this.tryReadMore())) throw new GzipFault('unexpected end of file', 'Z_BUF_ERROR');
  }

  private async tryReadMore(): Promise<boolean> {
    // A piece is valid only until the next one is read.
    const rest = new Uint8Array(this.rest);
    const piece = await this.source.next();
    if (piece === undefined) return false;
    this.packedRead += piece.length;
    this.rest = rest.length === 0 ? piece : Buffer.concat([rest, piece]);
    return true;
  }
}
