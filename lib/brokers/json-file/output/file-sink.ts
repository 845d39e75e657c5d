import type { FileHandle } from 'node:fs/promises';
import type { ByteSink } from './byte-sink.js';

/** A file that is written from an offset on, while its lock is held. */
export class FileSink implements ByteSink {
  constructor(
    private readonly file: FileHandle,
    private at: number,
    /** Returns a promise to wait for before a write, if it is not certain that the lock is still held. */
    private readonly guard: () => Promise<void> | undefined,
  ) {}

  async write(bytes: Uint8Array): Promise<void> {
    await this.guard();
    for (let written = 0; written < bytes.length; ) {
      const { bytesWritten } = await this.file.write(bytes, written, bytes.length - written, this.at);
      written += bytesWritten;
      this.at += bytesWritten;
    }
  }

  sync(): Promise<void> {
    return this.file.datasync();
  }

  close(): Promise<void> {
    return this.file.close();
  }
}
