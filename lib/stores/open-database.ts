import type { LevelDatabase } from './classic-level.js';
import { openEmptyLevel, openLevel } from './open-level.js';
import { removeTemporary } from './store-folder.js';
import { SyncScans } from './sync-scans.js';

/**
 * The database of a store. It stays open after its mill has ended, since its tables may still be read: until another
 * mill takes the folder, or until nothing in this process can reach the store.
 */
export class OpenDatabase {
  /** By folder. They must not reference their stores. */
  private static readonly all = new Map<string, OpenDatabase>();
  private static readonly unreachable = new FinalizationRegistry<OpenDatabase>((open) => {
    open.close().catch(() => {});
  });
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly table: string,
    private readonly folder: string,
    private database: LevelDatabase,
  ) {}

  /** Closes an open database in this folder, and opens a new one. */
  static async open(table: string, folder: string): Promise<OpenDatabase> {
    await OpenDatabase.closeAt(folder);
    const opened = new OpenDatabase(table, folder, await openLevel(table, folder));
    OpenDatabase.all.set(folder, opened);
    return opened;
  }

  static async closeAt(folder: string): Promise<void> {
    await OpenDatabase.all.get(folder)?.close();
  }

  get level(): LevelDatabase {
    return this.database;
  }

  get isClosed(): boolean {
    return this.closing !== undefined;
  }

  /** Closes the database once this store is unreachable. */
  closeAfter(store: object): void {
    OpenDatabase.unreachable.register(store, this);
  }

  /** Deletes the contents. */
  async clear(): Promise<void> {
    await this.closeLevel();
    this.database = await openEmptyLevel(this.table, this.folder);
  }

  close(): Promise<void> {
    this.closing ??= this.doClose();
    return this.closing;
  }

  private async doClose(): Promise<void> {
    try {
      await this.closeLevel();
    } finally {
      if (OpenDatabase.all.get(this.folder) === this) OpenDatabase.all.delete(this.folder);
    }
    removeTemporary(this.folder);
  }

  private async closeLevel(): Promise<void> {
    try {
      SyncScans.close(this.folder);
    } finally {
      await this.database.close();
    }
  }
}
