import { closeSync, fchmodSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { thrownSentence } from '../../base/thrown.js';
import { followLinks, standardOutput } from '../../brokers/json-file/file-names.js';
import { outputFailed } from '../../brokers/json-file/output/output-errors.js';
import { syncDirectory } from '../../files/durable-files.js';
import { commandError } from '../command-error.js';
import { checkFolder, statsOf } from '../paths.js';

const pieceLength = 256 * 1024;

/** The output takes no more, and there is nothing to report: its reader is gone, or the failure of stdout is reported. */
export class OutputGone extends Error {}

/** Returns whether the name of an output means stdout. */
export async function isStdout(name: string): Promise<boolean> {
  return name === '-' || (await followLinks(path.resolve(name))) === standardOutput;
}

/** The destination of sorted elements: a file that is replaced atomically at the end, or stdout. */
export class SortedOutput {
  private readonly file: string | undefined;
  private readonly temporary: string | undefined;
  private readonly descriptor: number | undefined;
  private pieces: string[] = [];
  private length = 0;

  /**
   * Opens the output: a file of that name, or the target of a link; stdout without a name. Throws if it is not
   * writable. An existing file is not changed before everything is written.
   */
  static async to(name: string | undefined): Promise<SortedOutput> {
    return new SortedOutput(name, name === undefined ? undefined : await followLinks(path.resolve(name)));
  }

  private constructor(name: string | undefined, file: string | undefined) {
    if (name === undefined || file === undefined) return;
    checkFolder(path.dirname(name));
    checkFolder(path.dirname(file));
    const former = statsOf(file);
    if (former?.isDirectory()) throw commandError(`--output ${name} is a folder. Name a file in it.`, { file: name });
    this.file = file;
    // Anything but a file, such as a pipe, cannot be replaced.
    const isPlain = former === undefined || former.isFile();
    if (isPlain) {
      this.temporary = `${this.file}.sorting-${process.pid}`;
      rmSync(this.temporary, { force: true });
    }
    try {
      this.descriptor = openSync(this.temporary ?? this.file, isPlain ? 'wx' : 'w');
    } catch (error) {
      throw commandError(`--output ${name} cannot be written: ${thrownSentence(error)}`, { file: name }, error);
    }
    // The new file has the same permissions as the one that it replaces.
    if (isPlain && former !== undefined) fchmodSync(this.descriptor, former.mode & 0o7777);
  }

  async write(text: string): Promise<void> {
    this.pieces.push(text);
    this.length += text.length;
    if (this.length >= pieceLength) await this.flush();
  }

  /** Completes the output. */
  async finish(): Promise<void> {
    await this.flush();
    const { descriptor, temporary, file } = this;
    if (descriptor === undefined || file === undefined) return;
    try {
      if (temporary !== undefined) fsyncSync(descriptor);
      closeSync(descriptor);
      if (temporary === undefined) return;
      renameSync(temporary, file);
      await syncDirectory(path.dirname(file));
    } catch (error) {
      throw outputFailed(file, error);
    }
  }

  /** Removes the unfinished output. */
  drop(): void {
    if (this.temporary !== undefined) rmSync(this.temporary, { force: true });
  }

  private async flush(): Promise<void> {
    const text = this.pieces.join('');
    this.pieces = [];
    this.length = 0;
    if (text === '') return;
    const { descriptor } = this;
    if (descriptor === undefined) {
      await new Promise<void>((resolve, reject) => {
        process.stdout.write(text, (error) => (error ? reject(new OutputGone()) : resolve()));
      });
    } else {
      this.writeBytes(descriptor, Buffer.from(text));
    }
    // Lets signals be handled in the meantime.
    await immediate();
  }

  private writeBytes(descriptor: number, bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EPIPE') throw new OutputGone();
      throw outputFailed(this.file as string, error);
    }
  }
}
