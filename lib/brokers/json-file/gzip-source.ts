import type { FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { ByteSource } from './byte-source.js';
import { pieceBytes } from './text-window.js';

/**
 * A packed file: a little of it is unpacked at a time, and all that came of it is given before more is read, so that
 * memory is bounded and nothing is lost before a damaged place.
 */
export class GzipSource implements ByteSource {
  readonly packed = true;
  readonly origin = 0;
  private readonly gunzip = createGunzip({ chunkSize: pieceBytes });
  private readonly packedPiece = new Uint8Array(pieceBytes / 4);
  private unpacked: Uint8Array[] = [];
  private read = 0;
  private ended = false;
  private failure: Error | undefined;

  constructor(
    private readonly file: FileHandle,
    private readonly size: number,
  ) {
    this.gunzip.on('data', (piece: Uint8Array) => this.unpacked.push(piece));
    this.gunzip.on('error', (error) => {
      this.failure = error;
    });
  }

  next(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return this.unpacked.length > 0 ? this.unpacked.shift() : this.unpackMore();
  }

  fraction(): number {
    return Math.min(1, this.read / this.size);
  }

  async close(): Promise<void> {
    this.gunzip.destroy();
    await this.file.close();
  }

  private async unpackMore(): Promise<Uint8Array | undefined> {
    while (this.unpacked.length === 0 && !this.ended) {
      if (this.failure !== undefined) throw this.failure;
      const { bytesRead } = await this.file.read(this.packedPiece, 0, this.packedPiece.length, this.read);
      this.read += bytesRead;
      await (bytesRead > 0 ? this.unpack(this.packedPiece.slice(0, bytesRead)) : this.finish());
    }
    if (this.unpacked.length === 0 && this.failure !== undefined) throw this.failure;
    return this.unpacked.shift();
  }

  private unpack(packed: Uint8Array): Promise<void> {
    return this.settled((done) => this.gunzip.write(packed, done));
  }

  private finish(): Promise<void> {
    this.ended = true;
    return this.settled((done) => {
      this.gunzip.once('end', done);
      this.gunzip.end();
    });
  }

  /** Resolves when the step is done, or has failed (then `failure` says why), or when the source was closed meanwhile. */
  private settled(step: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.gunzip.once('close', resolve);
      step(() => {
        this.gunzip.removeListener('close', resolve);
        resolve();
      });
    });
  }
}
