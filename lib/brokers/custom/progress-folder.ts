import { promises as fs } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { ifExists, replaceFile } from '../json-file/durable-files.js';
import { GroupLock } from '../json-file/group-lock.js';

/**
 * The folder that keeps how far a mill has come: its last commit, and a lock, so that it has one owner at a time.
 *
 * ```text
 * <folder>/lock
 * <folder>/commit.json  the text of the last commit
 * <folder>/outbox/      see Outbox
 * ```
 */
export class ProgressFolder {
  private constructor(
    readonly folder: string,
    private readonly lock: GroupLock,
    readonly committed: string | undefined,
  ) {}

  /** Makes the folder where it is missing, and takes its lock. */
  static async open(folder: string): Promise<ProgressFolder> {
    try {
      await fs.mkdir(folder, { recursive: true });
    } catch (cause) {
      throw cannotKeep(folder, cause);
    }
    const lock = await GroupLock.take(path.join(folder, 'lock'), folder);
    try {
      const committed = await ifExists(fs.readFile(commitFile(folder), 'utf8'));
      return new ProgressFolder(folder, lock, committed);
    } catch (cause) {
      await lock.release();
      throw cannotKeep(folder, cause);
    }
  }

  async commit(text: string): Promise<void> {
    try {
      await replaceFile(commitFile(this.folder), text);
    } catch (cause) {
      throw cannotKeep(this.folder, cause);
    }
  }

  async forget(): Promise<void> {
    await ifExists(fs.unlink(commitFile(this.folder)));
  }

  close(): Promise<void> {
    return this.lock.release();
  }
}

const commitFile = (folder: string): string => path.join(folder, 'commit.json');

function cannotKeep(folder: string, cause: unknown): WaterMillError {
  const found = reasonOf(cause);
  return new WaterMillError(
    'WM_OUTPUT_FAILED',
    `Progress cannot be kept in ${folder}: ${found}. Give \`progress\` a folder that this process may write.`,
    { stream: folder, expected: 'a folder', found },
    { cause },
  );
}
