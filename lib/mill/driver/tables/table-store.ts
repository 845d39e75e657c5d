import type { Json } from '../../../base/json.js';
import { reasonOf } from '../../../base/thrown.js';
import type { KeptTables } from '../../../brokers/kept-tables.js';
import { readerOf, writerOf } from '../../../messages/index.js';
import { DiskStore, type StoreMark } from '../../../stores/disk-store.js';
import { isInUse } from '../../../stores/open-level.js';
import { defaultStoreFolder, storeFolder, temporaryStoreFolder } from '../../../stores/store-folder.js';
import { RowsOnDisk } from '../../../tables/disk/rows-on-disk.js';
import type { TableRows } from '../../../tables/table-rows.js';
import type { PlanTable } from '../../plan/plan.js';
import type { LogPlace } from '../../resume/tables-mark.js';
import type { LaneContext } from '../lane-context.js';

/** The part of the kept changes that is read to bring a store up to the last commit. */
export type ToRead = { readonly what: 'nothing' | 'all' } | { readonly what: 'rest'; readonly after: Json };

const all: ToRead = { what: 'all' };

/** The store on disk of one table of a lane, and how far it is. */
export class TableStore {
  private constructor(
    private readonly index: number,
    private readonly kept: KeptTables | undefined,
    readonly store: DiskStore,
    /** Another run continues with it. */
    private readonly isLasting: boolean,
  ) {}

  /**
   * The store is temporary if the kept changes are, and if another process still has the store of this lane open: it may have lost
   * the lane, or seen its end, and still run.
   */
  static async open(
    index: number,
    { name }: PlanTable,
    lane: string,
    kept: KeptTables | undefined,
    { logger, storeFolder: base }: LaneContext,
  ): Promise<TableStore> {
    const home = base ?? defaultStoreFolder();
    if (kept?.id !== undefined) {
      const owner = JSON.stringify([kept.id, name]);
      try {
        const store = await DiskStore.open(name, storeFolder(home, name, lane, owner), owner);
        return new TableStore(index, kept, store, true);
      } catch (error) {
        if (!isInUse(error)) throw error;
        logger.warn(
          { table: name, lane, err: error },
          `${reasonOf(error)}. Until then this lane fills a temporary one.`,
        );
      }
    }
    const folder = temporaryStoreFolder(home, name);
    return new TableStore(index, kept, await DiskStore.open(name, folder, folder), false);
  }

  /**
   * Passes the rows on disk to the table. Says what is lacking there of what the last commit left, as `log` says: nothing, the end of it, or
   * all.
   */
  async bind(rows: TableRows<any>, log: LogPlace | undefined): Promise<ToRead> {
    const { store, isLasting } = this;
    const read = readerOf<object>(rows.message);
    const codec = rows.diskCodec((text) => read(JSON.parse(text)), writerOf(rows.message));
    // A key that has changed without its text is found when all is read.
    const first = store.mark && (await store.firstRows((text) => codec.keyOf(codec.read(text))));
    const toRead = first !== undefined ? await this.toRead(store.mark as StoreMark, log) : all;
    if (toRead === all && store.mark !== undefined) await store.clear();
    const size = store.mark === undefined ? 0 : (store.mark.size ?? (await store.count()));
    rows.bindDisk(new RowsOnDisk(store, codec, isLasting, size), toRead === all ? undefined : first?.[0]);
    return toRead;
  }

  private async toRead(mark: StoreMark, log: LogPlace | undefined): Promise<ToRead> {
    const { kept, index, store } = this;
    if (log === undefined || mark.log?.[0] !== log[0] || mark.log[1] > log[1]) return all;
    if (mark.log[1] === log[1] && mark.size !== undefined) return { what: 'nothing' };
    const after = mark.place;
    if (after === undefined || !(await kept?.canReadAfter?.(index, after))) return all;
    // If this start crashes, the next one takes some of it again.
    await store.write(() => {}, { ...mark, size: undefined }, true);
    return { what: 'rest', after };
  }

  /** Has what is committed written; `log`: of the commit. */
  settle(rows: TableRows<any>, log: LogPlace | undefined): void {
    rows.startWriting(this.isLasting ? { log, place: this.kept?.placeOf?.(this.index) } : undefined);
  }
}
