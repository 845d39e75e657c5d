import { randomBytes } from 'node:crypto';
import type { MessageClass } from '../../../base/class.js';
import { isDate } from '../../../base/date.js';
import { isAbort } from '../../../base/is-abort.js';
import type { Json } from '../../../base/json.js';
import { reasonOf, thrownSentence } from '../../../base/thrown.js';
import { unlessAborted } from '../../../base/unless-aborted.js';
import { isWaterMillError, WaterMillError } from '../../../base/watermill-error.js';
import type { BrokerLane } from '../../../brokers/broker.js';
import { brokerError } from '../../../brokers/broker-failed.js';
import type { KeptChange, KeptTables } from '../../../brokers/kept-tables.js';
import type { Expression } from '../../../expressions/expression.js';
import { comparable, compareKeys } from '../../../expressions/key.js';
import { printKey } from '../../../expressions/key-text.js';
import { quickCheckOf, readerOf, writerOf } from '../../../messages/index.js';
import { rowsOf, type Table } from '../../../tables/table.js';
import { type ElementPart, tableOf } from '../../../tables/table-description.js';
import type { ElementCheck, TableRows } from '../../../tables/table-rows.js';
import type { PlanTable } from '../../plan/plan.js';
import type { CallTables } from '../../process/call-layout.js';
import { sum } from '../../report/lane-state.js';
import type { LaneCommit } from '../../resume/commit-text.js';
import {
  type LogPlace,
  logAfterCommit,
  readTablesMark,
  type TablesMark,
  writeTablesMark,
} from '../../resume/tables-mark.js';
import type { LaneContext } from '../lane-context.js';
import { LaneRestoring } from './lane-restoring.js';
import { TableStore, type ToRead } from './table-store.js';

/** The tables of one lane: restored before its first call, changed by calls, and kept with its commits. */
export class LaneTables implements CallTables {
  readonly rows: readonly TableRows<any>[];
  /** The id of this run of the lane in the log. */
  private readonly run = randomBytes(4).toString('hex');

  private constructor(
    readonly instances: readonly Table<any, any>[],
    tables: readonly PlanTable[],
    /** Undefined if nothing is kept for another run. */
    private readonly kept: KeptTables | undefined,
    private readonly views: LaneContext['tables'],
    /** The master's key by which elements expire, if any do. */
    private readonly frontier: Expression<any, any> | undefined,
    /** By table; undefined for tables in memory. */
    private readonly stores: readonly (TableStore | undefined)[],
    /** The last commit of each of the latest runs of the lane; undefined if no table is on disk. */
    private log: readonly LogPlace[] | undefined,
  ) {
    this.rows = instances.map(rowsOf);
    for (const [i, rows] of this.rows.entries()) this.bind(rows, tables[i]!, kept?.writesElements?.(i) === true);
  }

  /** Rejects with an AbortError as soon as the run is stopped, or the lane is taken away. */
  static async open(context: LaneContext, lane: BrokerLane, resume: LaneCommit | undefined): Promise<LaneTables> {
    const { plan, leader, tables: views } = context;
    const instances = plan.tables.map(instanceOf);
    const frontier = plan.tables.find(({ expires }) => expires !== undefined)?.expires?.frontier;
    const mark = resume?.tables === undefined ? undefined : readTablesMark(resume.tables);
    const opened: TableStore[] = [];
    let kept: KeptTables | undefined;
    try {
      if (leader.abilities.remembers) kept = await lane.openTables?.(plan.tables, mark?.kept);
      const stores: (TableStore | undefined)[] = [];
      for (const [i, table] of plan.tables.entries()) {
        const store = table.store === 'disk' ? await TableStore.open(i, table, lane.name, kept, context) : undefined;
        stores.push(store);
        if (store !== undefined) opened.push(store);
      }
      const log = opened.length > 0 ? (mark?.log ?? []) : undefined;
      const tables = new LaneTables(instances, plan.tables, kept, views, frontier, stores, log);
      await tables.restore(context, lane, mark);
      return tables.shown();
    } catch (error) {
      for (const { store } of opened) await store.close().catch(() => {});
      await kept?.close().catch(() => {});
      throw isAbort(error) ? error : brokerError(error, leader.name, 'restoring tables');
    }
  }

  /** From now on, putting an element that cannot be written fails the call. */
  private bind(rows: TableRows<any>, { name, message, table }: PlanTable, writesElements: boolean): void {
    const writer = writerOf(message);
    const write = (element: object): string => {
      try {
        return writer(element);
      } catch (error) {
        throw withTable(error, name);
      }
    };
    if (writesElements && rows.elements.isConstant)
      rows.bind(undefined, { isGood: quickCheckOf(message), judge: write });
    else if (this.kept?.keeps === 'texts') rows.bind(write);
    else rows.bind(undefined, checkOf(message, tableOf(table)?.part, write));
  }

  callBegins(element: object | undefined): void {
    if (this.frontier !== undefined && element !== undefined) this.expire(this.frontier.evaluate(element));
    const { rows } = this;
    for (let i = 0; i < rows.length; i++) (rows[i] as TableRows<any>).callBegins();
  }

  private expire(key: unknown): void {
    const at = isDate(key) ? key.getTime() : key;
    if (typeof at === 'number' || typeof at === 'bigint') for (const rows of this.rows) rows.expire(at);
  }

  callEnds(): void {
    for (const rows of this.rows) rows.callEnds();
  }

  callFailed(): void {
    for (const rows of this.rows) rows.callFailed();
  }

  /**
   * Writes the changes since the last commit. Resolves when they are durable, to the tables' part of the next commit.
   */
  async flush(): Promise<Json | undefined> {
    const { kept, log } = this;
    if (kept === undefined) return undefined;
    const sizes: [name: string, keys: number][] = [];
    for (const [i, rows] of this.rows.entries()) {
      await rows.pressure();
      sizes.push([rows.name, rows.size]);
      if (kept.hold !== undefined && rows.isInMemory) {
        kept.hold(i, rows.committed, () => rows.settle());
        continue;
      }
      const changes = rows.changes();
      if (changes.length > 0) await kept.write(i, changes, { size: rows.size, changes: () => rows.all() });
    }
    const mark = await kept.flush();
    if (log !== undefined) this.log = logAfterCommit(log, this.run);
    return writeTablesMark({ kept: mark, sizes: Object.fromEntries(sizes), log: this.log });
  }

  /** Makes all committed changes visible from outside. The returned promise is the back-pressure of the disk. */
  settle(): Promise<unknown> | undefined {
    for (const rows of this.rows) rows.settle();
    return this.log === undefined ? undefined : this.settleStores(this.log);
  }

  private settleStores(log: readonly LogPlace[]): Promise<unknown> | undefined {
    for (const [i, store] of this.stores.entries()) store?.settle(this.rows[i]!, log.at(-1));
    const pressures = this.rows.flatMap((rows) => rows.pressure() ?? []);
    return pressures.length === 0 ? undefined : Promise.all(pressures);
  }

  /** `isMoved`: another process owns the lane from now on, so its tables are no longer visible here. */
  async close(isMoved: boolean): Promise<void> {
    if (isMoved) for (const [i, rows] of this.rows.entries()) this.views[i]?.remove(rows.committed);
    // The next start reads changes again that were not written.
    for (const rows of this.rows) await rows.written().catch(() => {});
    if (isMoved) for (const store of this.stores) await store?.store.close();
    await this.kept?.close();
  }

  private shown(): this {
    for (const [i, rows] of this.rows.entries()) this.views[i]?.add(rows.committed);
    return this;
  }

  /** Restores the tables from the last commit of the lane. Without `mark` they are empty. */
  private async restore(
    context: LaneContext,
    { name, revoked }: BrokerLane,
    mark: TablesMark | undefined,
  ): Promise<void> {
    const restoring = mark === undefined ? undefined : LaneRestoring.begin(context, name);
    const signal = revoked === undefined ? context.signal : AbortSignal.any([context.signal, revoked]);
    try {
      for (const [i, table] of context.plan.tables.entries()) {
        await this.restoreTable(i, table, mark, restoring, signal);
      }
      // If another process owns the lane by now, that is the error to report: its changes are not a loss.
      if (mark !== undefined) await this.kept?.restored?.();
      this.checkSizes(mark);
      restoring?.done(sum(this.rows.map(({ size }) => size)));
    } finally {
      restoring?.end();
    }
  }

  private async restoreTable(
    index: number,
    table: PlanTable,
    mark: TablesMark | undefined,
    restoring: LaneRestoring | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const rows = this.rows[index]!;
    const store = this.stores[index];
    const toRead: ToRead = (await store?.bind(rows, mark?.log ?? [])) ?? { what: 'all' };
    if (restoring === undefined || toRead.what === 'nothing') return;
    restoring.next(table.name);
    const take = this.restorer(index, table);
    const taken = (change: KeptChange): Promise<void> | undefined => {
      signal.throwIfAborted();
      restoring.took();
      take(change);
      return rows.pressure();
    };
    const after = toRead.what === 'rest' ? toRead.after : undefined;
    const reading = this.kept?.read(index, taken, (left) => restoring.leaves(left), after);
    if (reading !== undefined) await unlessAborted(reading, signal, undefined);
    signal.throwIfAborted();
    store?.settle(rows, mark?.log?.at(-1));
    await rows.written();
  }

  /** Detects changes that were deleted, or restored from another point in time. */
  private checkSizes(mark: TablesMark | undefined): void {
    const counted = new Map(Object.entries(mark?.sizes ?? {}));
    for (const { name, size: found } of this.kept === undefined ? [] : this.rows) {
      const size = counted.get(name);
      if (size !== undefined && found !== size) throw changesLost(name, found, size);
    }
  }

  private restorer(index: number, table: PlanTable): (change: KeptChange) => void {
    const rows = this.rows[index]!;
    const read = this.kept?.keeps === 'texts' ? textReader(table) : (value: unknown) => value as object;
    return ({ key, value }) => {
      const element = value === undefined ? undefined : read(value);
      if (element !== undefined) checkKey(table, rows, key, element);
      rows.restore(key, element);
    };
  }
}

function instanceOf({ table, name }: PlanTable): Table<any, any> {
  try {
    return new table();
  } catch (cause) {
    throw new WaterMillError(
      'WM_TABLE',
      `The table ${name} cannot be made with new ${table.name}(): ${thrownSentence(cause)} A mill makes one for each lane: give its constructor no arguments.`,
      { table: name },
      { cause },
    );
  }
}

function textReader({ name, message }: PlanTable): (text: unknown) => object {
  const read = readerOf<object>(message);
  return (text) => {
    try {
      return read(JSON.parse(text as string));
    } catch (cause) {
      throw damaged(name, `an element that is kept is not a ${message.name}: ${reasonOf(cause)}`, cause);
    }
  };
}

/** The check for elements that could not be written, also if nothing is written. */
function checkOf(
  message: MessageClass<any>,
  part: ElementPart | undefined,
  judge: (element: object) => void,
): ElementCheck<any> | undefined {
  if (part === undefined) return { isGood: quickCheckOf(message), judge };
  if (part.message === undefined) return undefined;
  const { field } = part;
  const isGood = quickCheckOf(part.message);
  return { isGood: (element) => element[field] === undefined || isGood(element[field]), judge };
}

/**
 * Detects a key function that changed in a way that its text does not show: elements would be kept under keys that are
 * never read.
 */
function checkKey({ name, key: text }: PlanTable, rows: TableRows<any>, key: KeptChange['key'], element: object): void {
  const now = rows.keyOfRestored(element);
  if (now === undefined || (comparable(now, key) && compareKeys(now, key) === 0)) return;
  throw damaged(
    name,
    `an element is kept under the key ${printKey(key)}, and its key (${text}) is now ${printKey(now)}`,
  );
}

/** Adds the table to an error about a value that cannot be written: it was put into a table, not returned. */
function withTable(error: unknown, table: string): unknown {
  if (!isWaterMillError(error)) return error;
  const { code, message, details, cause } = error;
  return new WaterMillError(code, message, { ...details, table }, { cause });
}

function changesLost(table: string, found: number, size: number): WaterMillError {
  const counted = `${size} ${size === 1 ? 'key' : 'keys'}`;
  return new WaterMillError(
    'WM_TABLE_DAMAGED',
    `The table ${table} cannot be restored: the last commit counts ${counted}, and the stored changes have ${found}. Its changes ` +
      'were deleted, or are of another time than the progress. Restore both together, or start over with another group.',
    { table, expected: counted, found: String(found) },
  );
}

function damaged(table: string, what: string, cause?: unknown): WaterMillError {
  return new WaterMillError(
    'WM_TABLE_DAMAGED',
    `The table ${table} cannot be restored: ${what}. Let the class and the key be what they were; to begin with an empty table, ` +
      "start over (onPlanChange: 'restart' after a change of its name, or another group).",
    { table },
    cause === undefined ? undefined : { cause },
  );
}
