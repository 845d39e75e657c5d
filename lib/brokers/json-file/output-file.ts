import { promises as fs } from 'node:fs';
import { dirname } from 'node:path';
import { ifExists, syncDirectory } from './durable-files.js';
import { type FileFormat, packedByName } from './file-format.js';
import { outputChanged, writing } from './output-errors.js';
import { TextFile } from './text-file.js';

/** A result file, and how elements become its text. */
export interface OutputTarget {
  readonly path: string;
  /** Where results stand until the stream has ended. */
  readonly partial: string;
  readonly format: FileFormat;
  /** What was flushed outlives a loss of power. */
  readonly durable: boolean;
  /** JSON text of an element. */
  readonly write: (element: any) => string;
}

/** How far a result file is valid. JSON. */
export interface OutputMark {
  readonly bytes: number;
  readonly elements: number;
  readonly ended: boolean;
}

/**
 * Results of one class. They are written to the partial file; when the stream has ended, that is renamed, so that under
 * the final name there is never half a result. No byte depends on when it was flushed (in a packed file: no byte of its
 * content).
 */
export class OutputFile {
  private elements: number;
  private ended: boolean;

  private constructor(
    private readonly target: OutputTarget,
    /** Undefined once the results are final, by this run or by a former one. */
    private file: TextFile | undefined,
    mark: OutputMark | undefined,
  ) {
    this.elements = mark?.elements ?? 0;
    this.ended = mark?.ended ?? false;
  }

  /** Opens the partial file anew, or cut back to a mark. */
  static async open(target: OutputTarget, mark: OutputMark | undefined): Promise<OutputFile> {
    return new OutputFile(target, await writing(target.partial, openPartial(target, mark)), mark);
  }

  write(elements: readonly object[]): void | Promise<void> {
    return this.writeFrom(elements, 0);
  }

  /** Resolves when all that was written is in the partial file, with how far that is valid. */
  async flush(): Promise<OutputMark> {
    if (this.file !== undefined) await writing(this.target.partial, this.file.finish(this.target.durable));
    return { bytes: this.file?.bytes ?? 0, elements: this.elements, ended: this.ended };
  }

  /** Closes the list. Repeated by a run that goes on from a mark before this. */
  async end(): Promise<void> {
    if (this.ended || this.file === undefined) return;
    this.file.append(this.closing());
    this.ended = true;
    await writing(this.target.partial, this.file.complete());
  }

  /** Gives the results their final name; nothing where that was done already. */
  async publish(): Promise<void> {
    if (this.file === undefined) return;
    await this.end();
    const { partial, path } = this.target;
    await this.file.close();
    await writing(path, fs.rename(partial, path));
    this.file = undefined;
    await writing(path, syncDirectory(dirname(path)));
  }

  /** Lets go; gives where results lie that are not final. A partial file without a byte is of no use to anyone. */
  async close(): Promise<string | undefined> {
    const { file } = this;
    if (file === undefined) return undefined;
    this.file = undefined;
    // What could not be written was reported by the call that asked for it.
    await file.finish(false).catch(() => {});
    await file.close();
    if (file.bytes > 0 || this.ended) return this.target.partial;
    await ifExists(fs.unlink(this.target.partial));
    return undefined;
  }

  private writeFrom(elements: readonly object[], from: number): void | Promise<void> {
    const { file, target } = this;
    if (file === undefined || this.ended) throw this.alreadyFinal();
    for (let i = from; i < elements.length; i++) {
      file.append(this.framed(target.write(elements[i])));
      this.elements++;
      if (!file.full) continue;
      const pressure = file.send();
      if (pressure !== undefined) return pressure.then(() => this.writeFrom(elements, i + 1));
    }
  }

  private framed(element: string): string {
    if (this.target.format === 'ndjson') return `${element}\n`;
    return (this.elements === 0 ? '[\n' : ',\n') + element;
  }

  private closing(): string {
    if (this.target.format === 'ndjson') return '';
    return this.elements === 0 ? '[]\n' : '\n]\n';
  }

  private alreadyFinal(): Error {
    const { partial, path } = this.target;
    return outputChanged(
      partial,
      `the partial results of ${path}`,
      'only the final file, where results are still to come',
    );
  }
}

async function openPartial(target: OutputTarget, mark: OutputMark | undefined): Promise<TextFile | undefined> {
  const { partial, path } = target;
  const packed = packedByName(path);
  await fs.mkdir(dirname(partial), { recursive: true });
  if (mark === undefined) return new TextFile(partial, await fs.open(partial, 'w'), packed);
  const handle = await ifExists(fs.open(partial, 'r+'));
  if (handle === undefined) return openWithoutPartial(target, mark, packed);
  try {
    const { size } = await handle.stat();
    if (size < mark.bytes) throw outputChanged(partial, `at least ${mark.bytes} bytes`, `${size}`);
    const file = new TextFile(partial, handle, packed);
    await file.cut(mark.bytes);
    return file;
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** A former run has made the results final and died before it could say so; or it had not written anything yet. */
async function openWithoutPartial(
  target: OutputTarget,
  mark: OutputMark,
  packed: boolean,
): Promise<TextFile | undefined> {
  const { partial, path } = target;
  if (mark.bytes === 0) return new TextFile(partial, await fs.open(partial, 'w'), packed);
  if ((await ifExists(fs.stat(path))) !== undefined) return undefined;
  throw outputChanged(path, `the results, here or in ${partial}`, 'neither file');
}
