import { isDate } from '../../../base/date.js';
import type { Json } from '../../../base/json.js';
import { reasonOf } from '../../../base/thrown.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import type { BrokerLane } from '../../../brokers/broker.js';
import { brokerError } from '../../../brokers/broker-failed.js';
import type { KeptChange, KeptTables } from '../../../brokers/kept-tables.js';
import type { Expression } from '../../../expressions/expression.js';
import { comparable, compareKeys } from '../../../expressions/key.js';
import { printKey } from '../../../expressions/key-text.js';
import { readerOf, writerOf } from '../../../messages/index.js';
import { rowsOf, type Table } from '../../../tables/table.js';
import type { TableRows } from '../../../tables/table-rows.js';
import type { PlanTable } from '../../plan/plan.js';
import type { CallTables } from '../../process/call-layout.js';
import { sum } from '../../report/lane-state.js';
import type { LaneCommit } from '../../resume/commit-text.js';
import type { LaneContext } from '../lane-context.js';
import { LaneRestoring } from './lane-restoring.js';

/** The tables of one lane: restored before its first call, changed by calls, kept with its commits. */
export class LaneTables implements CallTables {
  readonly rows: readonly TableRows<any>[];

  private constructor(
    readonly instances: readonly Table<any, any>[],
    /** Undefined where nothing is kept for another run. */
    private readonly kept: KeptTables | undefined,
    private readonly views: LaneContext['tables'],
    /** The key of the master by which elements expire, where any do. */
    private readonly frontier: Expression<any, any> | undefined,
  ) {
    this.rows = instances.map(rowsOf);
    for (const rows of this.rows) rows.bind(kept?.keeps === 'texts' ? writerOf(rows.message) : undefined);
  }

  static async open(context: LaneContext, lane: BrokerLane, resume: LaneCommit | undefined): Promise<LaneTables> {
    const { plan, leader, tables: views } = context;
    const instances = plan.tables.map(instanceOf);
    const frontier = plan.tables.find(({ expires }) => expires !== undefined)?.expires?.frontier;
    if (!leader.abilities.remembers) return new LaneTables(instances, undefined, views, frontier).shown();
    let kept: KeptTables | undefined;
    try {
      kept = await lane.openTables?.(plan.tables, resume?.tables);
      const tables = new LaneTables(instances, kept, views, frontier);
      if (resume !== undefined) await tables.restore(context, lane);
      return tables.shown();
    } catch (error) {
      await kept?.close().catch(() => {});
      throw brokerError(error, leader.name, 'restoring tables');
    }
  }

  callBegins(element: object | undefined): void {
    if (this.frontier !== undefined && element !== undefined) this.expire(this.frontier.evaluate(element));
    for (const rows of this.rows) rows.callBegins();
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

  /** Writes what has changed since the last commit; resolves when it is safe, with what the next commit says of it. */
  async flush(): Promise<Json | undefined> {
    const { kept } = this;
    if (kept === undefined) return undefined;
    for (const [i, rows] of this.rows.entries()) {
      const changes = rows.changes();
      if (changes.length > 0) await kept.write(i, changes, { size: rows.size, changes: () => rows.all() });
    }
    return (await kept.flush()) ?? null;
  }

  /** What has changed so far is committed: from now on it is seen from outside. */
  settle(): void {
    for (const rows of this.rows) rows.settle();
  }

  /** `isMoved`: another process has the lane from now on, so its tables are no longer seen here. */
  async close(isMoved: boolean): Promise<void> {
    if (isMoved) for (const [i, rows] of this.rows.entries()) this.views[i]?.remove(rows);
    await this.kept?.close();
  }

  private shown(): this {
    for (const [i, rows] of this.rows.entries()) this.views[i]?.add(rows);
    return this;
  }

  private async restore(context: LaneContext, { name }: BrokerLane): Promise<void> {
    const { kept } = this;
    if (kept === undefined) return;
    const { tables } = context.plan;
    const restoring = LaneRestoring.begin(context, name);
    try {
      for (const [i, table] of tables.entries()) {
        const take = this.restorer(i, table);
        restoring.next(table.name);
        await kept.read(
          i,
          (change) => {
            restoring.took();
            take(change);
          },
          (left) => restoring.leaves(left),
        );
      }
      restoring.done(sum(this.rows.map(({ size }) => size)));
    } finally {
      restoring.end();
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
      `The table ${name} cannot be made with new ${table.name}(): ${reasonOf(cause)}. A mill makes one for each lane: give its constructor no arguments.`,
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

/** A key function that changed without its text would leave elements where nobody finds them. */
function checkKey({ name, key: text }: PlanTable, rows: TableRows<any>, key: KeptChange['key'], element: object): void {
  const now = rows.keyOfRestored(element);
  if (now === undefined || (comparable(now, key) && compareKeys(now, key) === 0)) return;
  throw damaged(
    name,
    `an element is kept under the key ${printKey(key)}, and its key (${text}) is now ${printKey(now)}`,
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
