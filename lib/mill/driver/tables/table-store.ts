import type { Json } from '../../../base/json.js';
import { thrownSentence } from '../../../base/thrown.js';
import type { KeptTables } from '../../../brokers/kept-tables.js';
import { readerOf, writerOf } from '../../../messages/index.js';
import { DiskStore, type StoreMark } from '../../../stores/disk-store.js';
import { isInUse } from '../../../stores/open-level.js';
import { defaultStoreFolder, storeFolder, temporaryStoreFolder } from '../../../stores/store-folder.js';
import { RowsOnDisk } from '../../../tables/disk/rows-on-disk.js';
import type { TableRows } from '../../../tables/table-rows.js';
import type { PlanTable } from '../../plan/plan.js';
import { isInLog, type LogPlace } from '../../resume/tables-mark.js';
import type { LaneContext } from '../lane-context.js';

/** The part of the kept changes to read to bring a store up to the last commit. */
export type ToRead = { readonly what: 'nothing' | 'all' } | { readonly what: 'rest'; readonly after: Json };

const all: ToRead = { what: 'all' };

/** The store on disk of one table of a lane, and its position in the log of changes. */
export class TableStore {
  private constructor(
    private readonly index: number,
    private readonly kept: KeptTables | undefined,
    readonly store: DiskStore,
    /** The next run continues with the store. */
    private readonly isLasting: boolean,
  ) {}

  /**
   * Opens the store of a table. It is temporary if the kept changes are, or if another process still has the store of
   * this lane open: that process may have lost the lane, or seen its end, and still be running.
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
          `${thrownSentence(error)} Until then this lane fills a temporary one.`,
        );
      }
    }
    const folder = temporaryStoreFolder(home, name);
    return new TableStore(index, kept, await DiskStore.open(name, folder, folder), false);
  }

  /**
   * Binds the table to its rows on disk. Returns the changes that these lack compared to the last commit of the log:
   * none, the end of the log, or all.
   */
  async bind(rows: TableRows<any>, log: readonly LogPlace[]): Promise<ToRead> {
    const { store, isLasting } = this;
    const read = readerOf<object>(rows.message);
    const codec = rows.diskCodec((text) => read(JSON.parse(text)), writerOf(rows.message));
    // Reading all rows finds a key function that changed without its text.
    const first = store.mark && (await store.firstRows((text) => codec.keyOf(codec.read(text))));
    const toRead = first !== undefined ? await this.toRead(store.mark as StoreMark, log) : all;
    if (toRead === all && store.mark !== undefined) await store.clear();
    const size = store.mark === undefined ? 0 : (store.mark.size ?? (await store.count()));
    rows.bindDisk(new RowsOnDisk(store, codec, isLasting, size), toRead === all ? undefined : first?.[0]);
    return toRead;
  }

  private async toRead(mark: StoreMark, log: readonly LogPlace[]): Promise<ToRead> {
    const { kept, index, store } = this;
    if (mark.log === undefined || !isInLog(log, mark.log)) return all;
    if (mark.log[1] === log.at(-1)?.[1] && mark.size !== undefined) return { what: 'nothing' };
    const after = mark.place;
    if (after === undefined || !(await kept?.canReadAfter?.(index, after))) return all;
    // If this start crashes, the next one applies some of the changes again.
    await store.write(() => {}, { ...mark, size: undefined }, true);
    return { what: 'rest', after };
  }

  /** Starts writing the committed changes; `log`: the place of the commit in the log. */
  settle(rows: TableRows<any>, log: LogPlace | undefined): void {
    rows.startWriting(this.isLasting ? { log, place: this.kept?.placeOf?.(this.index) } : undefined);
  }
}
