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

/** Up to where a store holds the changes of a table. */
export interface StoreMark {
  /** The log of changes, and after how many commits: as a commit of the lane says it. */
  readonly log: readonly [id: string, commits: number] | undefined;
  /** Where the changes of the table ended then, in the broker's terms, if it can read from there on. */
  readonly place: Json | undefined;
  /** How many keys there are; undefined while changes are taken that may have been taken before. */
  readonly size: number | undefined;
}

export interface StoreRange {
  readonly from?: Key | undefined;
  readonly to?: Key | undefined;
  readonly reverse: boolean;
  readonly limit: number;
}

/** A key whose row is due at a time. */
export interface DueKey {
  readonly at: number | bigint;
  readonly key: Key;
}

/** The format of what is stored; another one is thrown away. */
const version = 1;
const markKey = Uint8Array.of(0x6d);
const rowPrefix = 0x72;
const duePrefix = 0x64;
/** A range that asks for no more is read at once. */
const mostAtOnce = 256;
const countAtOnce = 10_000;
const rowsToTry = 16;

/**
 * The rows of one table of one lane on disk: texts by key, in the order of keys, and in a second order what is due when. It is a
 * copy that can be thrown away: one that is torn, or that another table has left, is empty once it is opened. Rows and
 * mark change together.
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

  /** `owner`: says whose it is, so that none takes that of another one. What is open here under this folder is closed. */
  static async open(table: string, folder: string, owner: string): Promise<DiskStore> {
    const store = new DiskStore(table, folder, owner, await OpenDatabase.open(table, folder));
    store.kept = store.readMark();
    if (store.kept === undefined) await store.clear();
    return store;
  }

  /** Undefined: it holds nothing that counts. */
  get mark(): StoreMark | undefined {
    return this.kept;
  }

  get(key: Key): string | undefined {
    return this.reading(() => {
      const text = this.database.level.getSync(keyBytes(rowPrefix, key));
      return text === undefined ? undefined : checkedText(text);
    });
  }

  /** The texts of a range, both borders included, as they are at this moment. */
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

  /** Makes the changes that `fill` says, with this mark; undefined: what it holds does not count. Never two at once. */
  async write(fill: (batch: StoreBatch) => void, mark: StoreMark | undefined, isSafe: boolean): Promise<void> {
    if (this.database.isClosed) throw this.taken();
    const batch = this.database.level.batch();
    try {
      fill(new StoreBatch(batch));
      if (mark === undefined) batch.del(markKey);
      else batch.put(markKey, textWithCheck(JSON.stringify({ version, owner: this.owner, ...mark })));
      // Safe batch by batch: after a loss of power there is no hole.
      await batch.write({ sync: isSafe });
      this.kept = mark;
    } catch (cause) {
      await batch.close().catch(() => {});
      if (isWaterMillError(cause)) throw cause;
      throw this.database.isClosed ? this.taken() : unusable(this.table, this.folder, 'written', cause);
    }
  }

  /** The keys of the first rows; undefined if not all of them are under the keys that they have. */
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

  /** Deletes all of its rows. */
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
      // That of the thread which reads ranges says nothing of what is stored.
      throw isWaterMillError(cause) ? cause : this.damaged(cause);
    }
  }

  /** The next start begins with an empty one. */
  private damaged(cause: unknown): WaterMillError {
    try {
      writeFileSync(path.join(this.folder, damageNote), '');
    } catch {
      // The folder is gone, or cannot be written: then it is not opened again.
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

/** Where `due` begins with what is due at a time. */
export function dueCursor(at: number | bigint): Uint8Array {
  return keyBytes(duePrefix, at);
}

/** Changes of a store that are made together. */
export class StoreBatch {
  constructor(private readonly batch: LevelBatch) {}

  /** The row of a key; undefined: it is deleted. */
  row(key: Key, text: string | undefined): void {
    const bytes = keyBytes(rowPrefix, key);
    if (text === undefined) this.batch.del(bytes);
    else this.batch.put(bytes, textWithCheck(text));
  }

  /** A key becomes due at a time, or does so no longer. */
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
