import { promises as fs } from 'node:fs';
import { ifExists } from '../../../files/durable-files.js';

/** The error for a file that has changed since it was opened. */
export class FileChange extends Error {}

/** The state of an open file when it was opened. */
export class FileState {
  private constructor(
    private readonly path: string,
    private readonly file: fs.FileHandle,
    private readonly stats: FileStats,
  ) {}

  static async of(path: string, file: fs.FileHandle): Promise<FileState> {
    return new FileState(path, file, await file.stat({ bigint: true }));
  }

  get size(): number {
    return Number(this.stats.size);
  }

  /** How the file has changed since, as in an error; undefined if no change is visible. */
  async change(): Promise<string | undefined> {
    const written = differenceOf(this.stats, await this.file.stat({ bigint: true }));
    if (written !== undefined) return written;
    // A deleted file can still be read to its end.
    const named = await ifExists(fs.stat(this.path, { bigint: true }));
    return named && differenceOf(this.stats, named);
  }

  /**
   * How this file differs from one that was opened earlier under the same name. `mayGrow`: growth is not a difference.
   */
  differenceFrom(former: FileState, mayGrow = false): string | undefined {
    const hasGrown = this.stats.ino === former.stats.ino && this.stats.size >= former.stats.size;
    return mayGrow && hasGrown ? undefined : differenceOf(former.stats, this.stats);
  }
}

interface FileStats {
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly mtimeNs: bigint;
}

function differenceOf(before: FileStats, now: FileStats): string | undefined {
  if (now.ino !== before.ino || now.dev !== before.dev) return 'another file replaced it';
  if (now.size > before.size) return `it grew from ${before.size} to ${now.size} bytes`;
  if (now.size < before.size) return `it shrank from ${before.size} to ${now.size} bytes`;
  return now.mtimeNs === before.mtimeNs ? undefined : 'it was written to';
}
