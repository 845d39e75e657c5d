import { promises as fs } from 'node:fs';
import path from 'node:path';
import { closeAll } from '../../base/closers.js';
import type { Json } from '../../base/json.js';
import { reasonOf } from '../../base/thrown.js';
import { isWaterMillError, WaterMillError } from '../../base/watermill-error.js';
import { diskRemedy } from '../../files/disk-remedy.js';
import { ifExists, makeDirectory, syncDirectory } from '../../files/durable-files.js';
import type { KeptChange, KeptTables, TableRequest, TakeChange, WholeTable } from '../kept-tables.js';
import { fileName, isTableFile, leastToCompact, TableFile, type TableFileMark } from './table-file.js';

/** By the name of the table, without tables that never changed. */
type TablesMark = { readonly [table: string]: TableFileMark };

export interface TableFilesOptions {
  /** Rejects if this process does not own the folder any more. */
  readonly confirm: () => Promise<void>;
  /** A file with fewer changes is not compacted. */
  readonly leastChanges?: number;
}

/**
 * The tables of a lane, in a folder next to its progress: a log of changes for each, with its valid length in the
 * commit.
 *
 * ```text
 * <folder>/<table>.<n>.changes   a line per change: key, tab, element; a key alone was deleted
 * ```
 *
 * The changes of a commit are written and synced before the commit, and so is the folder if a file is new. Changes
 * after the mark, and files that the commit does not name, were left by crashed runs: they are cut off and deleted when
 * the folder is opened, once its names are durable. A file that a commit no longer names is deleted after that commit.
 */
export class TableFiles implements KeptTables {
  readonly keeps = 'texts';
  private outdated: string[] = [];

  private constructor(
    private readonly folder: string,
    private readonly tables: readonly TableRequest[],
    private readonly files: readonly TableFile[],
    private readonly options: TableFilesOptions,
  ) {}

  static async open(
    folder: string,
    tables: readonly TableRequest[],
    mark: Json | undefined,
    options: TableFilesOptions,
  ): Promise<TableFiles> {
    const marks = new Map(Object.entries((mark ?? {}) as unknown as TablesMark));
    const least = options.leastChanges ?? leastToCompact;
    const files = tables.map(({ name }) => new TableFile(folder, name, marks.get(name), least));
    const opened = new TableFiles(folder, tables, files, options);
    try {
      await opened.openAll();
    } catch (error) {
      await opened.close();
      throw error;
    }
    return opened;
  }

  private async openAll(): Promise<void> {
    const { files, folder, options } = this;
    await this.keeping(async () => {
      await options.confirm();
      if (files.some(({ current }) => current !== undefined) || (await ifExists(fs.stat(folder))) !== undefined) {
        // These changes must not be lost later.
        await ifExists(syncDirectory(folder));
        await this.removeLeftovers();
      }
      for (const file of files) await file.open();
    });
  }

  get id(): string {
    return `files ${path.resolve(this.folder)}`;
  }

  placeOf(table: number): Json | undefined {
    return this.files[table]?.current as unknown as Json | undefined;
  }

  canReadAfter(table: number, place: Json): boolean {
    return (this.files[table] as TableFile).has(place as unknown as TableFileMark);
  }

  async read(table: number, take: TakeChange, left?: (changes: number) => void, after?: Json): Promise<void> {
    const mark = after as unknown as TableFileMark | undefined;
    await this.keeping(() => (this.files[table] as TableFile).read(take, left, mark));
  }

  async write(table: number, changes: readonly KeptChange[], whole: WholeTable): Promise<void> {
    const file = this.files[table] as TableFile;
    await this.keeping(async () => {
      await this.options.confirm();
      if (file.current === undefined) await makeDirectory(this.folder);
      const before = file.current?.[0];
      await file.write(changes, whole);
      const { name } = this.tables[table] as TableRequest;
      if (before !== undefined && before !== file.current?.[0]) this.outdated.push(fileName(name, before));
    });
  }

  async flush(): Promise<Json> {
    return this.keeping(async () => {
      for (const file of this.files) await file.sync();
      if (this.files.some(({ hasNewName }) => hasNewName)) await syncDirectory(this.folder);
      for (const file of this.files) file.named();
      const marks = this.tables.map(({ name }, i) => [name, this.files[i]?.current] as const);
      return Object.fromEntries(marks.filter(([, mark]) => mark !== undefined)) as unknown as Json;
    });
  }

  /** Deletes the files that the commit no longer names: it is valid. */
  async committed(): Promise<void> {
    const { outdated } = this;
    this.outdated = [];
    for (const name of outdated) await this.keeping(() => ifExists(fs.unlink(path.join(this.folder, name))));
  }

  async close(): Promise<void> {
    await closeAll(this.files);
  }

  private async removeLeftovers(): Promise<void> {
    const named = new Set(
      this.files.flatMap(({ current }, i) =>
        current === undefined ? [] : [fileName((this.tables[i] as TableRequest).name, current[0])],
      ),
    );
    // If the folder is gone, opening each file reports it.
    for (const name of (await ifExists(fs.readdir(this.folder))) ?? []) {
      if (isTableFile(name) && !named.has(name)) await ifExists(fs.unlink(path.join(this.folder, name)));
    }
  }

  private async keeping<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      throw isWaterMillError(cause) ? cause : cannotKeep(this.folder, cause);
    }
  }
}

function cannotKeep(folder: string, cause: unknown): WaterMillError {
  const found = reasonOf(cause);
  const remedy = diskRemedy(cause, 'They belong next to the progress: let this process write there.');
  return new WaterMillError(
    'WM_OUTPUT_FAILED',
    `Tables cannot be kept in ${folder}: ${found}. ${remedy}`,
    { stream: folder, expected: 'a folder', found },
    { cause },
  );
}
