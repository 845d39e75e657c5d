import { WaterMillError } from '../../../base/watermill-error.js';
import type { Broker } from '../../../brokers/broker.js';
import type { Expression } from '../../../expressions/expression.js';
import { describeType, distanceType } from '../../../expressions/value-type.js';
import { checkedSchemaOf } from '../../../messages/schema.js';
import type { TableClass } from '../../../tables/make-table.js';
import { Table } from '../../../tables/table.js';
import { type TableDescription, tableName, tableOf } from '../../../tables/table-description.js';
import type { ParameterPlan, PlanTable, TableParameter } from '../plan.js';

/** Collects the tables that a process asks for: each class is one table with its own name. */
export class FoundTables {
  readonly all: PlanTable[] = [];

  constructor(
    /** A key of the master that never decreases. */
    private readonly frontier: Expression<any, any> | undefined,
    /** Calls get an accumulator, and no element that has a key. */
    private readonly isFolded: boolean,
  ) {}

  /** The table that a token names; undefined if it is not a table class. */
  find(token: unknown, place: string): TableParameter | undefined {
    if (token === Table) throw whichTable(place);
    const description = tableOf(token);
    if (description === undefined) return undefined;
    const known = this.all.findIndex(({ table }) => table === token);
    if (known >= 0) return { what: 'table', table: known };
    const table = token as TableClass<any, any>;
    const { message, key, store } = description;
    const name = tableName(table, description);
    checkedSchemaOf(message);
    this.refuseTwice(name, place);
    const expires = this.expiryOf(name, description);
    const found: PlanTable = {
      name,
      table,
      message,
      key: key === undefined ? 'a key of its own' : String(key),
      store,
      expires,
    };
    return { what: 'table', table: this.all.push(Object.freeze(found)) - 1 };
  }

  /** Throws if calls stay open: they would see uncertain changes. */
  refuseWithDataKey(process: string, parameters: readonly ParameterPlan[]): void {
    const [first] = this.all;
    if (first === undefined || !parameters.some(({ what }) => what === 'dataKey')) return;
    throw new WaterMillError(
      'WM_TABLE',
      `${process} takes a DataKey and the table ${first.name}: what is saved later cannot be kept with a table. ` +
        'Return the results, as a promise if need be, or keep the table in another process.',
      { table: first.name },
    );
  }

  /** Throws if calls run concurrently: they would see changes of later calls. */
  refuseConcurrency(process: string, concurrency: number): void {
    const [first] = this.all;
    if (first === undefined || concurrency === 1) return;
    throw new WaterMillError(
      'WM_TABLE',
      `${process} has concurrency: ${concurrency} and takes the table ${first.name}: with a table calls come one at a time, since ` +
        'each sees what the one before it has put. Leave concurrency out.',
      { table: first.name, expected: 'concurrency: 1', found: `concurrency: ${concurrency}` },
    );
  }

  private expiryOf(name: string, { expires }: TableDescription): PlanTable['expires'] {
    if (expires === undefined) return undefined;
    const { frontier } = this;
    const { after, by } = expires;
    const unit = frontier === undefined ? false : distanceType(frontier.valueType);
    if (frontier !== undefined && (unit === undefined || unit === typeof after))
      return { text: `${by} + ${after} < ${frontier}`, frontier };
    const none = this.isFolded ? 'a folded window, whose calls have no element' : 'no such key';
    const found = frontier === undefined ? none : `${frontier}, ${describeType(frontier.valueType ?? 'other')}`;
    const remedy = this.isFolded
      ? 'Fold the elements of the window in the call'
      : 'Give the master a join, a window by time (tumbling, session, …), or an order with slack, over a number, bigint or Date like it';
    throw new WaterMillError(
      'WM_TABLE',
      `The table ${name} expires by ${by}, against a key of the master that never decreases, in its unit; found ${found}. ` +
        `${remedy}; or delete elements yourself.`,
      { table: name, expected: 'a master with a key in order', found },
    );
  }

  private refuseTwice(name: string, place: string): void {
    if (!this.all.some((other) => other.name === name)) return;
    throw new WaterMillError(
      'WM_TABLE',
      `${place}: there is another table of the name ${name}, and changes are kept by name. ` +
        `Give one of them another name: table(Message, { key, name: '…' }), or its own class.`,
      { table: name },
    );
  }

  /** Throws if a broker remembers positions but does not keep tables. */
  refuseUnkept({ abilities, name: broker }: Broker): void {
    const [first] = this.all;
    if (first === undefined || !abilities.remembers || abilities.tables === true) return;
    const { name } = first;
    throw new WaterMillError(
      'WM_TABLE',
      `The process takes the table ${name}, but ${broker} keeps progress and cannot keep tables with it: after a restart the table ` +
        'would not fit the positions. Use a broker that keeps tables, or windows, which need none.',
      { table: name, expected: 'a broker that keeps tables', found: broker },
    );
  }
}

function whichTable(place: string): WaterMillError {
  return new WaterMillError(
    'WM_TABLE',
    `${place} is a Table, and that type does not say which one: name it with @Inject(visits), or give it its own class, ` +
      'class VisitsByUser extends table(Visits, { key: … }) {}, and use that as the type.',
    { expected: 'the class of a table', found: 'Table' },
  );
}
