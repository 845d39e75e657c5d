import { writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Json } from '../base/json.js';
import { isWaterMillError, WaterMillError } from '../base/watermill-error.js';
import type { Key } from '../expressions/key.js';
import { keyFromJson, keyToJson } from '../expressions/key-json.js';
import { checkedText, textWithCheck } from './checked-text.js';
import type { LevelBatch } from './classic-level.js';
import { aboveAll, keyAfter, keyBytes } from './key-bytes.js';
import { OpenDatabase } from './open-database.js';
import { damageNote, unusable } from './open-level.js';
import type { ScanPage } from './scan-request.js';
import { SyncScans } from './sync-scans.js';

/** The changes of a table that a store contains. */
export interface StoreMark {
  /** The commit of the lane that it has: the run that made it, and the number of commits up to it. */
  readonly log: readonly [run: string, commits: number] | undefined;
  /** The end of the table's changes at that commit, in the broker's terms, if it can read from there on. */
  readonly place: Json | undefined;
  /** The number of keys; undefined while changes are applied that may have been applied before. */
  readonly size: number | undefined;
}

export interface StoreRange {
  readonly from?: Key | undefined;
  readonly to?: Key | undefined;
  readonly reverse: boolean;
  readonly limit: number;
}

/** A key, and the time when its row is due. */
export interface DueKey {
  readonly at: number | bigint;
  readonly key: Key;
}

/** The version of the stored format; stores of other versions are discarded. */
const version = 1;
const markKey = Uint8Array.of(0x6d);
const rowPrefix = 0x72;
const duePrefix = 0x64;
/** A range of up to this many rows is read at once. */
const mostAtOnce = 256;
const countAtOnce = 10_000;
const rowsToTry = 16;

/**
 * The rows of one table of one lane on disk: texts by key, ordered by key, with a second index by due time. It is a
 * disposable copy: a store that is torn, or that belongs to another table, is empty once it is opened. Rows and mark
 * change atomically.
 */
export class DiskStore {
  private kept: StoreMark | undefined;

  private constructor(
    private readonly table: string,
    private readonly folder: string,
    private readonly owner: string,
    private readonly database: OpenDatabase,
  ) {
    database.closeAfter(this);
  }

  /**
   * Opens a store. `owner` identifies the table, so that none takes the store of another. A database that is open in
   * this folder is closed.
   */
  static async open(table: string, folder: string, owner: string): Promise<DiskStore> {
    const store = new DiskStore(table, folder, owner, await OpenDatabase.open(table, folder));
    store.kept = store.readMark();
    if (store.kept === undefined) await store.clear();
    return store;
  }

  /** Undefined if the store contains nothing valid. */
  get mark(): StoreMark | undefined {
    return this.kept;
  }

  get(key: Key): string | undefined {
    return this.reading(() => {
      const text = this.database.level.getSync(keyBytes(rowPrefix, key));
      return text === undefined ? undefined : checkedText(text);
    });
  }

  /** The texts of a range, both ends included, as of now. */
  range({ from, to, reverse, limit }: StoreRange): Iterable<string> {
    const gte = from === undefined ? Uint8Array.of(rowPrefix) : keyBytes(rowPrefix, from);
    const lt = to === undefined ? aboveAll(rowPrefix) : keyAfter(keyBytes(rowPrefix, to));
    const range = { gte, lt, reverse };
    if (limit <= mostAtOnce) return this.reading(() => textsOf(SyncScans.first(this.folder, range, limit)));
    const view = this.reading(() => SyncScans.view(this.folder, range));
    return { [Symbol.iterator]: () => this.texts(view) };
  }

  /** The rows that are due first, after a cursor that the previous call returned. */
  due(
    cursor: Uint8Array | undefined,
    limit: number,
  ): { readonly keys: DueKey[]; readonly cursor: Uint8Array | undefined } {
    const range = { gte: cursor ?? Uint8Array.of(duePrefix), lt: aboveAll(duePrefix), reverse: false };
    const page = this.reading(() => SyncScans.first(this.folder, range, limit));
    const keys = this.reading(() => textsOf(page).map(dueKeyOf));
    return { keys, cursor: page.last === undefined ? cursor : keyAfter(page.last) };
  }

  /**
   * Applies the changes that `fill` adds, with this mark; undefined if the contents are not valid afterwards. Calls
   * never overlap.
   */
  async write(fill: (batch: StoreBatch) => void, mark: StoreMark | undefined, isSafe: boolean): Promise<void> {
    if (this.database.isClosed) throw this.taken();
    const batch = this.database.level.batch();
    try {
      fill(new StoreBatch(batch));
      if (mark === undefined) batch.del(markKey);
      else batch.put(markKey, textWithCheck(JSON.stringify({ version, owner: this.owner, ...mark })));
      // Each batch is synced, so that a power failure leaves no gap.
      await batch.write({ sync: isSafe });
      this.kept = mark;
    } catch (cause) {
      await batch.close().catch(() => {});
      if (isWaterMillError(cause)) throw cause;
      throw this.database.isClosed ? this.taken() : unusable(this.table, this.folder, 'written', cause);
    }
  }

  /** The keys of the first rows; undefined if any of them is not stored under its key. */
  async firstRows(keyOf: (text: string) => Key): Promise<readonly Key[] | undefined> {
    const rows = this.database.level.iterator({ gte: Uint8Array.of(rowPrefix), lt: aboveAll(rowPrefix) });
    try {
      const keys: Key[] = [];
      for (const [bytes, text] of await rows.nextv(rowsToTry)) {
        const key = keyOf(checkedText(text));
        if (Buffer.compare(bytes, keyBytes(rowPrefix, key)) !== 0) return undefined;
        keys.push(key);
      }
      return keys;
    } catch {
      return undefined;
    } finally {
      await rows.close();
    }
  }

  async count(): Promise<number> {
    const keys = this.database.level.keys({ gte: Uint8Array.of(rowPrefix), lt: aboveAll(rowPrefix) });
    try {
      for (let count = 0; ; ) {
        const { length } = await keys.nextv(countAtOnce);
        if (length === 0) return count;
        count += length;
      }
    } finally {
      await keys.close();
    }
  }

  /** Deletes all rows. */
  async clear(): Promise<void> {
    this.kept = undefined;
    await this.database.clear();
  }

  close(): Promise<void> {
    return this.database.close();
  }

  private *texts(view: Iterable<ScanPage>): Generator<string, void> {
    const pages = view[Symbol.iterator]();
    for (;;) {
      const texts = this.reading(() => {
        const { done, value } = pages.next();
        return done ? undefined : textsOf(value);
      });
      if (texts === undefined) return;
      yield* texts;
    }
  }

  private readMark(): StoreMark | undefined {
    try {
      const text = this.database.level.getSync(markKey);
      const found = text === undefined ? undefined : JSON.parse(checkedText(text));
      if (found?.version !== version || found.owner !== this.owner) return undefined;
      return { log: found.log, place: found.place, size: found.size };
    } catch {
      return undefined;
    }
  }

  private reading<T>(read: () => T): T {
    if (this.database.isClosed) throw this.taken();
    try {
      return read();
    } catch (cause) {
      // An error of the reading thread does not mean that the stored data is damaged.
      throw isWaterMillError(cause) ? cause : this.damaged(cause);
    }
  }

  /** Marks the store as damaged: the next start begins with an empty one. */
  private damaged(cause: unknown): WaterMillError {
    try {
      writeFileSync(path.join(this.folder, damageNote), '');
    } catch {
      // The folder is gone or not writable: then it is not opened again.
    }
    const error = unusable(this.table, this.folder, 'read', cause);
    const hint = 'It is thrown away and filled again from the kept changes when the mill is started again.';
    return new WaterMillError(error.code, `${error.message} ${hint}`, error.details, { cause });
  }

  private taken(): WaterMillError {
    return new WaterMillError(
      'WM_TABLE_STORE',
      `The store of the table ${this.table} in ${this.folder} is closed: its lane is with another mill, which shows the table now.`,
      { table: this.table, stream: this.folder },
    );
  }
}

/** The cursor for `due` to start with the rows that are due at a time. */
export function dueCursor(at: number | bigint): Uint8Array {
  return keyBytes(duePrefix, at);
}

/** Changes of a store that are applied atomically. */
export class StoreBatch {
  constructor(private readonly batch: LevelBatch) {}

  /** Sets the row of a key; undefined deletes it. */
  row(key: Key, text: string | undefined): void {
    const bytes = keyBytes(rowPrefix, key);
    if (text === undefined) this.batch.del(bytes);
    else this.batch.put(bytes, textWithCheck(text));
  }

  /** Adds or removes the due time of a key. */
  due({ at, key }: DueKey, isDue: boolean): void {
    const bytes = keyBytes(duePrefix, [at, ...(Array.isArray(key) ? key : [key])]);
    if (isDue) this.batch.put(bytes, textWithCheck(JSON.stringify([keyToJson(at), keyToJson(key)])));
    else this.batch.del(bytes);
  }
}

function dueKeyOf(text: string): DueKey {
  const [at, key] = JSON.parse(text);
  return { at: keyFromJson(at) as number | bigint, key: keyFromJson(key) as Key };
}

function textsOf({ values }: ScanPage): string[] {
  return values.map(checkedText);
}
