import { once } from 'node:events';
import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';

const pieceLength = 256 * 1024;

/** Where sorted elements go: a file that is replaced as a whole when all is written, or stdout. */
export class SortedOutput {
  private readonly temporary: string | undefined;
  private readonly descriptor: number | undefined;
  private pieces: string[] = [];
  private length = 0;

  constructor(private readonly file: string | undefined) {
    if (file === undefined) return;
    const isPlain = statSync(file, { throwIfNoEntry: false })?.isFile() ?? true;
    // What is not a file, a pipe for one, cannot be replaced.
    if (isPlain) this.temporary = `${file}.sorting-${process.pid}`;
    this.descriptor = openSync(this.temporary ?? file, 'w');
  }

  async write(text: string): Promise<void> {
    this.pieces.push(text);
    this.length += text.length;
    if (this.length >= pieceLength) await this.flush();
  }

  /** All was written. */
  async finish(): Promise<void> {
    await this.flush();
    if (this.descriptor === undefined) return;
    if (this.temporary !== undefined) fsyncSync(this.descriptor);
    closeSync(this.descriptor);
    if (this.temporary !== undefined) renameSync(this.temporary, this.file as string);
  }

  /** Nothing is left of it. */
  drop(): void {
    if (this.temporary !== undefined) rmSync(this.temporary, { force: true });
  }

  private async flush(): Promise<void> {
    const text = this.pieces.join('');
    this.pieces = [];
    this.length = 0;
    if (text === '') return;
    if (this.descriptor === undefined) {
      if (!process.stdout.write(text)) await once(process.stdout, 'drain');
      return;
    }
    const bytes = Buffer.from(text);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at);
  }
}
