import type { MessageClass } from '../base/class.js';
import { madeHere } from '../base/loaded-copies.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { classNameOf } from '../expressions/class-name.js';
import { extendsClass } from '../expressions/common-class.js';
import type { Expression, KeyOf } from '../expressions/expression.js';
import type { Key } from '../expressions/key.js';
import { toExpression } from '../expressions/to-expression.js';
import { describeType, distanceType } from '../expressions/value-type.js';
import type { Widen } from '../joins/distance.js';
import { knownOptions, refuseFurther } from '../joins/option-checks.js';
import { isMessageClass } from '../messages/index.js';
import type { ExpiryDescription } from './expiry.js';
import { Table } from './table.js';
import { describeTable, type ElementPart } from './table-description.js';

/**
 * The result of `table()`: a class to extend, or to use directly. A mill creates an instance of it for each of its
 * lanes.
 */
export interface TableClass<T extends object, K extends Key> {
  new (): Table<T, K>;
  readonly message: MessageClass<T>;
}

/** How the elements of a table are kept. */
export interface TableOptions<T, K extends Key> {
  /** The key of an element: an expression, or a function of the element only. Its order does not matter. */
  readonly key: KeyOf<T, K>;
  /**
   * Deletes expired elements: before a call whose master key is above `by + after`. `by` is a field or function of the
   * kept element, in the unit of the master's key (Dates and milliseconds); the clock is not used. The master must have
   * an ordered key: a join, a window by time, or an order with slack. Default: elements stay.
   */
  readonly expires?: { readonly after: number | bigint; readonly by: KeyOf<T, number | bigint | Date> };
  /**
   * Where the lane keeps its copy. `memory`: completely in memory. `disk`: in an embedded store, for more elements than
   * fit in memory; needs the package classic-level (`npm install classic-level`). Recently used and unwritten elements
   * are in memory. The copy is disposable: it is restored from the kept changes, and a start reads only those that it
   * lacks. The mill's option `storeFolder` sets its location. Default: `memory`.
   */
  readonly store?: 'memory' | 'disk';
  /** The name of the table, for its changes and for views. Default: the name of the class. */
  readonly name?: string;
}

/**
 * Makes the class of a table: the latest element of `message` for each key, one table per lane. A process method
 * declares it as a parameter of this class, `inject` lists the class; a table without its own class is injected by
 * `@Inject(visits)`.
 *
 * @throws WaterMillError `WM_TABLE` if an option is missing, unknown or invalid.
 * @example
 * ```ts
 * class VisitsByUser extends table(Visits, { key: field(Visits, 'user') }) {}
 *
 * processFunction(PageView, { inject: [VisitsByUser] }, ({ user }, visits) => {
 *   visits.put({ user, count: (visits.get(user)?.count ?? 0) + 1 });
 * });
 * ```
 */
export function table<T extends object, K extends Key>(
  message: MessageClass<T>,
  options: TableOptions<T, K>,
): TableClass<T, Widen<K>>;
export function table(
  message: MessageClass<any>,
  options: unknown,
  ...further: readonly unknown[]
): TableClass<any, any> {
  if (!isMessageClass(message)) {
    const found = typeof message === 'function' ? `the class ${(message as Function).name}` : shownValue(message);
    throw refused(
      `table(): expected a message class, found ${found}. Write @Message() above the class.`,
      'a message class',
      found,
    );
  }
  const role = `table(${message.name})`;
  const { key, name, expires, store } = knownOptions(options, optionNames, role, 'WM_TABLE');
  refuseFurther(further, optionNames, role, 'WM_TABLE');
  if (key === undefined)
    throw refused(`${role}: there is no key. Write { key: field(${message.name}, …) }.`, 'a key', 'none');
  const expression = toExpression(key, `${role}: the key`);
  checkKey(message, expression, role);
  checkName(name, role);
  if (store !== undefined && store !== 'memory' && store !== 'disk')
    throw wrongOption(role, 'store', "'memory' or 'disk'", store);
  const expiry = expires === undefined ? undefined : expiryOf(message, expires, role);
  return makeTableClass(message, expression, name as string | undefined, expiry, store);
}

const optionNames = ['key', 'expires', 'store', 'name'] as const;

/** Makes a table whose elements have no key: its user sets the keys. */
export function makeTableClass<T extends object, K extends Key>(
  message: MessageClass<T>,
  key: Expression<any, any> | undefined,
  name: string | undefined,
  expires?: ExpiryDescription,
  store: 'memory' | 'disk' = 'memory',
  part?: ElementPart,
): TableClass<T, K> {
  const made = { [message.name]: class extends Table<T, K> {} }[message.name] as unknown as TableClass<T, K>;
  Object.defineProperty(made, 'message', { value: message });
  describeTable(made, { message, key, name, expires, store, part });
  return madeHere(made);
}

function expiryOf(message: MessageClass<any>, expires: unknown, role: string): ExpiryDescription {
  const { after, by } = knownOptions(expires, ['after', 'by'], `${role}: expires`, 'WM_TABLE');
  const isLength = (typeof after === 'number' && Number.isFinite(after)) || typeof after === 'bigint';
  if (!isLength || after < 0) throw wrongOption(role, 'expires.after', 'a number or bigint, 0 or more', after);
  if (by === undefined)
    throw wrongOption(role, 'expires.by', `the field with their age, field(${message.name}, …)`, by);
  const expression = toExpression(by, `${role}: expires.by`);
  checkReads(message, expression, `${role}: expires.by`);
  const unit = distanceType(expression.valueType);
  if (unit === undefined || unit === typeof after) return { after, by: expression };
  throw refused(
    `${role}: expires.by, ${expression}, is ${describeType(expression.valueType ?? 'other')}, and after is a ${typeof after}: ` +
      'use the same unit for both, numbers (milliseconds for a Date) or bigints.',
    String(unit || 'a number, bigint or Date'),
    typeof after,
  );
}

function checkKey(message: MessageClass<any>, key: Expression<any, any>, role: string): void {
  checkReads(message, key, `${role}: the key`);
  const type = key.valueType;
  const parts = typeof type === 'object' ? type : [type];
  if (!parts.includes('other')) return;
  throw refused(
    `${role}: the key, ${key}, is ${describeType(type ?? 'other')}; a key is a number, bigint, string, boolean or Date, or a tuple of them.`,
    'number, bigint, string, boolean, Date or a tuple of them',
    describeType(type ?? 'other'),
  );
}

function checkReads(message: MessageClass<any>, key: Expression<any, any>, what: string): void {
  if (key.of === undefined || extendsClass(message, key.of)) return;
  const found = classNameOf(key.of);
  throw refused(
    `${what}, ${key}, reads ${found}, but the table keeps elements of ${message.name}. Use a field of ${message.name}.`,
    message.name,
    found,
  );
}

function checkName(name: unknown, role: string): void {
  if (name === undefined || (typeof name === 'string' && name !== '')) return;
  throw wrongOption(role, 'name', 'a text that is not empty', name);
}

function wrongOption(role: string, option: string, expected: string, value: unknown): WaterMillError {
  const found = shownValue(value);
  return refused(`${role}: ${option} is ${found}; expected ${expected}.`, expected, found);
}

function refused(sentence: string, expected: string, found: string): WaterMillError {
  return new WaterMillError('WM_TABLE', sentence, { expected, found });
}
