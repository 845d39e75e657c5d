import { WaterMillError } from '../base/watermill-error.js';
import { copyOfKey, type Key, keyType } from '../expressions/key.js';
import { identityOf } from '../expressions/key-identity.js';
import { printKey, validKeys } from '../expressions/key-text.js';
import { describeType, mayCompare, type ValueType } from '../expressions/value-type.js';

import { tableOf } from './table-description.js';

/** The keys of one table: all of one type, so that they have an order. */
export class TableKeys {
  /** The type of the keys; undefined until the first key, if it is not declared. */
  private known: ValueType | undefined;
  private hasOne = false;

  constructor(
    private readonly table: string,
    private readonly declared: ValueType | undefined,
  ) {
    this.known = declared;
  }

  get type(): ValueType | undefined {
    return this.known;
  }

  /** Returns whether a key was kept, so that its type is fully known. */
  get isSettled(): boolean {
    return this.hasOne;
  }

  /** The identity of a key in a Map. Throws `WM_TABLE_KEY` if it cannot be a key of this table. */
  idOf(key: unknown, role: string): unknown {
    if (typeof key === 'string' && this.known === 'string') return key;
    if (typeof key === 'number' && this.known === 'number' && Number.isFinite(key)) return key;
    return this.idOfOther(key, role);
  }

  /** Makes a copy of a key to keep. From now on, all other keys must have its type. */
  kept(key: Key): Key {
    this.hasOne = true;
    this.known = typeof key === 'object' ? typeOf(key) : (typeof key as ValueType);
    return copyOfKey(key);
  }

  /** Starts over: there is no key any more. */
  reset(): void {
    this.hasOne = false;
    this.known = this.declared;
  }

  private idOfOther(key: unknown, role: string): unknown {
    if (keyType(key) === undefined || !mayCompare(this.known, typeOf(key as Key))) throw this.wrong(key, role);
    return identityOf(key);
  }

  private wrong(key: unknown, role: string): WaterMillError {
    const expected = this.known === undefined ? validKeys : describeType(this.known);
    const type = keyType(key) === undefined ? 'which cannot be a key' : describeType(typeOf(key as Key));
    const found = `${printKey(key)}, ${type}`;
    return new WaterMillError(
      'WM_TABLE_KEY',
      `${this.table}: ${role} is ${found}, and each of its keys must be ${expected}. Give a key of that type.`,
      { table: this.table, expected, found },
    );
  }
}

/** The keys of a table class. */
export function keysOf(name: string, table: Function): TableKeys {
  return new TableKeys(name, tableOf(table)?.key?.valueType);
}

function typeOf(key: Key): ValueType {
  const type = keyType(key);
  return type === 'tuple' ? (key as readonly Key[]).map((part) => keyType(part) as ValueType) : (type as ValueType);
}
