import type { MessageClass } from '../base/class.js';
import { madeHere } from '../base/copies.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { classNameOf } from '../expressions/class-name.js';
import { extendsClass } from '../expressions/common-class.js';
import type { Expression, KeyOf } from '../expressions/expression.js';
import type { Key } from '../expressions/key.js';
import { toExpression } from '../expressions/to-expression.js';
import { describeType } from '../expressions/value-type.js';
import { knownOptions } from '../joins/options.js';
import { isMessageClass } from '../messages/index.js';
import { Table } from './table.js';
import { describeTable } from './table-description.js';

/** What `table()` gives: a class to extend, or to use as it is. A mill makes an instance of it for each of its lanes. */
export interface TableClass<T extends object, K extends Key> {
  new (): Table<T, K>;
  readonly message: MessageClass<T>;
}

/** How the elements of a table are kept. */
export interface TableOptions<T, K extends Key> {
  /** The key of an element: an expression or a function of it alone. It needs no order along a stream. */
  readonly key: KeyOf<T, K>;
  /** What it is called where its changes are kept and where it is seen. Default: the name of the class. */
  readonly name?: string;
}

/** A literal type as the type it is of. */
type Widen<V> = V extends number
  ? number
  : V extends bigint
    ? bigint
    : V extends string
      ? string
      : V extends boolean
        ? boolean
        : V;

/**
 * Makes the class of a table: the latest element of `message` for each key, one table per lane. As a parameter of a process
 * method it is asked for by its class, in `inject` by the class as well; without a class of its own by `@Inject(visits)`.
 *
 * @throws WaterMillError `WM_TABLE` where an option is missing, unknown or invalid.
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
): TableClass<T, Widen<K>> {
  if (!isMessageClass(message)) {
    const found = typeof message === 'function' ? `the class ${(message as Function).name}` : shownValue(message);
    throw refused(
      `table(): expected a message class, found ${found}. Write @Message() above the class.`,
      'a message class',
      found,
    );
  }
  const role = `table(${message.name})`;
  const { key, name } = knownOptions(options, ['key', 'name'], role, 'WM_TABLE');
  if (key === undefined)
    throw refused(`${role}: there is no key. Write { key: field(${message.name}, …) }.`, 'a key', 'none');
  const expression = toExpression(key, `${role}: the key`);
  checkKey(message, expression, role);
  checkName(name, role);
  return makeTableClass(message, expression, name as string | undefined);
}

/** The same for elements that do not say their key: what keeps them says it. */
export function makeTableClass<T extends object, K extends Key>(
  message: MessageClass<T>,
  key: Expression<any, any> | undefined,
  name: string | undefined,
): TableClass<T, K> {
  const made = { [message.name]: class extends Table<T, K> {} }[message.name] as unknown as TableClass<T, K>;
  Object.defineProperty(made, 'message', { value: message });
  describeTable(made, { message, key, name });
  return madeHere(made);
}

function checkKey(message: MessageClass<any>, key: Expression<any, any>, role: string): void {
  if (key.of !== undefined && !extendsClass(message, key.of)) {
    const found = classNameOf(key.of);
    throw refused(
      `${role}: the key, ${key}, reads ${found}, but the table keeps elements of ${message.name}. Use a field of ${message.name}.`,
      message.name,
      found,
    );
  }
  const type = key.valueType;
  const parts = typeof type === 'object' ? type : [type];
  if (!parts.includes('other')) return;
  throw refused(
    `${role}: the key, ${key}, is ${describeType(type ?? 'other')}; a key is a number, bigint, string, boolean or Date, or a tuple of them.`,
    'number, bigint, string, boolean, Date or a tuple of them',
    describeType(type ?? 'other'),
  );
}

function checkName(name: unknown, role: string): void {
  if (name === undefined || (typeof name === 'string' && name !== '')) return;
  throw refused(`${role}: name is ${shownValue(name)}; expected a text that is not empty.`, 'a text', shownValue(name));
}

function refused(sentence: string, expected: string, found: string): WaterMillError {
  return new WaterMillError('WM_TABLE', sentence, { expected, found });
}
