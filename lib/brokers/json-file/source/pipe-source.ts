import { Socket } from 'node:net';
import type { ByteSource } from './byte-source.js';
import { isGzip } from './gzip-format.js';
import { GzipSource } from './gzip-source.js';

/** The bytes of a pipe. No thread waits for them, so that closing ends a wait, whether there is a writer or not. */
export class PipeSource implements ByteSource {
  readonly packed = false;
  readonly origin = 0;
  private readonly pieces: Uint8Array[] = [];
  private ended = false;
  private failure: Error | undefined;
  private wake: (() => void) | undefined;

  /** The stream of an open pipe, or of the standard input. */
  constructor(private readonly stream: NodeJS.ReadStream | Socket) {
    const settle = (): void => this.wake?.();
    stream.on('data', (piece: Uint8Array) => {
      this.pieces.push(piece);
      stream.pause();
      settle();
    });
    stream.once('error', (error) => {
      this.failure = error;
      settle();
    });
    for (const event of ['end', 'close']) {
      stream.once(event, () => {
        this.ended = true;
        settle();
      });
    }
    stream.pause();
  }

  static ofDescriptor(descriptor: number): PipeSource {
    return new PipeSource(new Socket({ fd: descriptor, readable: true, writable: false }));
  }

  async next(): Promise<Uint8Array | undefined> {
    while (this.pieces.length === 0 && !this.ended && this.failure === undefined) {
      this.stream.resume();
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    const piece = this.pieces.shift();
    if (piece === undefined && this.failure !== undefined) throw this.failure;
    return piece;
  }

  /** Puts bytes back, to be read again before any others. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length > 0) this.pieces.unshift(bytes);
  }

  fraction(): undefined {
    return undefined;
  }

  async change(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    this.stream.destroy();
  }
}

/** A pipe whose first bytes tell whether it is compressed. It is opened before they arrive. */
export class PipedSource implements ByteSource {
  readonly packed = false;
  readonly origin = 0;
  private chosen: ByteSource | undefined;

  constructor(private readonly pipe: PipeSource) {}

  async next(): Promise<Uint8Array | undefined> {
    this.chosen ??= await this.choose();
    return this.chosen.next();
  }

  fraction(): undefined {
    return undefined;
  }

  async change(): Promise<undefined> {
    return undefined;
  }

  async close(): Promise<void> {
    await (this.chosen ?? this.pipe).close();
  }

  private async choose(): Promise<ByteSource> {
    let first: Uint8Array = new Uint8Array(0);
    for (let piece: Uint8Array | undefined = first; first.length < 2 && piece !== undefined; ) {
      piece = await this.pipe.next();
      if (piece !== undefined) first = Buffer.concat([first, piece]);
    }
    this.pipe.putBack(first);
    return isGzip(first) ? new GzipSource(this.pipe) : this.pipe;
  }
}
