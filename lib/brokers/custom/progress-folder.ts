import { promises as fs } from 'node:fs';
import path from 'node:path';
import { isAbort } from '../../base/is-abort.js';
import type { Json } from '../../base/json.js';
import { reasonOf } from '../../base/thrown.js';
import { isWaterMillError, WaterMillError } from '../../base/watermill-error.js';
import { diskRemedy } from '../../files/disk-remedy.js';
import { freshName, ifExists, makeDirectory, readKeptText, replaceFile } from '../../files/durable-files.js';
import { FileLock } from '../../files/file-lock.js';
import type { ConnectRequest } from '../broker.js';
import type { KeptTables, TableRequest } from '../kept-tables.js';
import { TableFiles } from '../table-files/table-files.js';
import type { UsedFiles } from '../used-files.js';

/**
 * The folder that keeps the progress of a mill: its last commit, and a lock, so that it has one owner at a time.
 *
 * ```text
 * <folder>/progress.*.lock  see FileLock
 * <folder>/commit.json      the text of the last commit
 * <folder>/outbox/          see Outbox
 * <folder>/tables/          see TableFiles
 * ```
 */
export class ProgressFolder {
  private tables: TableFiles | undefined;

  private constructor(
    readonly folder: string,
    private readonly lock: FileLock,
    readonly committed: string | undefined,
  ) {}

  /**
   * Creates the folder if it is missing, and takes its lock. Waits up to `patienceMs` milliseconds for another owner to
   * release it.
   */
  static async open(folder: string, { signal, logger }: ConnectRequest, patienceMs = 0): Promise<ProgressFolder> {
    const inUse = (owner: string, file: string): Error => isInUse(folder, owner, file);
    const onWatch = (owner: string, file: string): void =>
      logger.info({ stream: folder, lock: file }, `Checking for up to 10 s whether ${owner} still has ${folder}`);
    let lock: FileLock;
    try {
      await makeDirectory(path.resolve(folder));
      lock = await FileLock.take(path.join(folder, 'progress'), { inUse, signal, onWatch, patienceMs });
    } catch (cause) {
      throw isWaterMillError(cause) || isAbort(cause) ? cause : cannotKeep(folder, cause);
    }
    try {
      const committed = await ifExists(readKeptText(commitFile(folder)));
      return new ProgressFolder(folder, lock, committed);
    } catch (cause) {
      await lock.release();
      throw cannotKeep(folder, cause);
    }
  }

  /** Refuses a run in which its file is also a result or an input. */
  async addTo(files: UsedFiles | undefined): Promise<void> {
    const path = commitFile(await fs.realpath(this.folder));
    for (const name of [path, freshName(path)]) {
      await files?.add({ path: name, what: `the progress in ${this.folder}`, isWritten: true });
    }
  }

  /** The path of the last commit. */
  get commitFile(): string {
    return commitFile(this.folder);
  }

  /** Opens the tables of the lane, which are kept next to its commits. */
  async openTables(tables: readonly TableRequest[], mark: Json | undefined): Promise<KeptTables> {
    const folder = path.join(this.folder, 'tables');
    this.tables = await TableFiles.open(folder, tables, mark, { confirm: () => this.lock.confirm() });
    return this.tables;
  }

  async commit(text: string): Promise<void> {
    await this.lock.confirm();
    try {
      await replaceFile(this.commitFile, text);
    } catch (cause) {
      throw cannotKeep(this.folder, cause);
    }
    await this.tables?.committed();
  }

  async forget(): Promise<void> {
    await this.lock.confirm();
    await ifExists(fs.unlink(this.commitFile));
  }

  close(): Promise<void> {
    return this.lock.release();
  }
}

const commitFile = (folder: string): string => path.join(folder, 'commit.json');

function isInUse(folder: string, owner: string, file: string): WaterMillError {
  return new WaterMillError(
    'WM_GROUP_IN_USE',
    `The progress folder ${folder} is in use by ${owner}: two mills with one folder would lose each other's progress. ` +
      `Wait until that one has ended, or give this one another folder. Its lock is ${file}.`,
    { stream: folder, expected: 'no other mill with this folder', found: owner },
  );
}

export function cannotKeep(folder: string, cause: unknown): WaterMillError {
  const found = reasonOf(cause);
  const remedy = diskRemedy(cause, 'Give `progress` a folder that this process can write to.');
  return new WaterMillError(
    'WM_OUTPUT_FAILED',
    `Progress cannot be kept in ${folder}: ${found}. ${remedy}`,
    { stream: folder, expected: 'a folder', found },
    { cause },
  );
}
