import type { MessageClass } from '../base/class.js';
import { mapped } from '../base/mapped.js';
import { WaterMillError } from '../base/watermill-error.js';
import { compareKeys, type Key } from '../expressions/key.js';
import type { Init } from '../messages/index.js';
import type { StoreMark } from '../stores/disk-store.js';
import { CallUndo } from './call-undo.js';
import { CommittedRows } from './committed-rows.js';
import type { DiskCodec, RowsOnDisk } from './disk/rows-on-disk.js';
import { type Expiring, Expiry } from './expiry.js';
import { KeptElements } from './kept-elements.js';
import { orderedMapOf } from './ordered-map.js';
import { Row, type RowChange, type RowOrder } from './row.js';
import type { TableDescription } from './table-description.js';
import { TableKeys } from './table-keys.js';
import { checkedRange, type TableRange } from './table-range.js';
import { UncommittedRows } from './uncommitted-rows.js';

/** The row of a key that has an element. */
export interface StepRow<T> {
  readonly value: T;
}

/** The check of an element before it is written: `isGood` is quick; if it fails, `judge` throws for an element that cannot be written. */
export interface ElementCheck<T> {
  readonly isGood: (element: T) => boolean;
  readonly judge: (element: T) => void;
}

/** Whether and when a table may change: that of a lane only within a call. */
type Access = 'always' | 'in a call' | 'now';

/**
 * The rows of one table in one lane: what calls see and change, what a call that fails takes back, what has changed since the
 * last commit, and what the last commit left. One look-up finds all of that, so that a put costs hardly more than that of a Map.
 */
export class TableRows<T extends object> {
  readonly elements: KeptElements<T>;
  private readonly keys: TableKeys;
  private readonly rows = new Map<unknown, Row<T>>();
  /** The view from outside. */
  readonly committed: CommittedRows<T>;
  private readonly uncommitted = new UncommittedRows<T>();
  private readonly undo = new CallUndo<T>();
  /** Made when a range is asked for, and kept from then on. */
  private order: RowOrder<T> | undefined;
  private count = 0;
  /** The row that was found last: most calls get an element and put it again. It is among the rows, or what it gets would be lost. */
  private last: Row<T> | undefined;
  private access: Access = 'always';
  /** What the writer makes of an element; undefined where it keeps elements as they are. */
  private take: ((element: T) => unknown) | undefined;
  private check: ElementCheck<T> | undefined;
  private expiry: Expiring<Row<T>> | undefined;
  /** Where most rows are, those that were not used lately; undefined: all are in memory. */
  private disk: RowsOnDisk<T> | undefined;

  constructor(
    readonly name: string,
    private readonly description: TableDescription<T>,
  ) {
    this.elements = new KeptElements(name, description.message);
    this.keys = new TableKeys(name, description.key?.valueType);
    this.committed = new CommittedRows(name, this.keys, this.elements, this.rows);
    if (description.expires !== undefined) this.expiry = new Expiry(name, description.expires);
  }

  // What calls do.

  get size(): number {
    return this.count;
  }

  get(key: unknown): T | undefined {
    const value = this.found(this.keys.idOf(key, 'the key of get()'), key)?.value;
    return value === undefined ? undefined : this.elements.shown(value);
  }

  has(key: unknown): boolean {
    return this.found(this.keys.idOf(key, 'the key of has()'), key)?.value !== undefined;
  }

  /** Keeps an element under the key that it has. */
  put(given: T | Init<T>): void {
    const kept = this.elements.keep(given);
    this.store(this.keyOf(kept), kept);
  }

  /** Keeps an element under a key of one's own, where the elements have none. */
  set(key: Key, given: T | Init<T>): void {
    this.store(key, this.elements.keep(given));
  }

  // What steps of a flow do, which keep elements that have no keys: one look-up finds the row that is read and changed.

  /** The row of a key, where it has an element. */
  rowOf(key: Key): StepRow<T> | undefined {
    const row = this.rows.get(this.keys.idOf(key, 'the key of a step'));
    return row?.value === undefined ? undefined : (row as StepRow<T>);
  }

  /** An element like that of a row, for the step to change. */
  stateOf(row: StepRow<T>): T {
    return this.elements.another(row.value);
  }

  /** Keeps an element under a key, in its row where it has one. */
  keepAt(row: StepRow<T> | undefined, key: Key, given: T | Init<T>): void {
    const kept = this.elements.keepLoose(given);
    const taken = this.take?.(kept);
    const own = (row as Row<T> | undefined) ?? this.rowToBe(key);
    this.note(own);
    this.assign(own, kept, taken);
  }

  deleteAt(row: StepRow<T>): void {
    this.note(row as Row<T>);
    this.assign(row as Row<T>, undefined, undefined);
  }

  private rowToBe(key: Key): Row<T> {
    const id = this.keys.idOf(key, 'the key of a step');
    return this.rows.get(id) ?? this.added(id, key);
  }

  delete(key: unknown): boolean {
    const row = this.found(this.keys.idOf(key, 'the key of delete()'), key);
    if (this.access === 'in a call') throw outsideCall(this.name, 'delete()');
    if (row?.value === undefined) return false;
    this.note(row);
    this.assign(row, undefined, undefined);
    if (this.access === 'always') this.rows.delete(row.id);
    return true;
  }

  range(options: TableRange<any> | undefined): Iterable<T> {
    const kept = this.callOrder().range(checkedRange(this.name, this.keys, options));
    const { elements } = this;
    return elements.isShownAsKept ? kept : mapped(kept, (element) => elements.shown(element));
  }

  /** The class of the elements. */
  get message(): MessageClass<T> {
    return this.description.message;
  }

  private store(key: Key, kept: T): void {
    const id = this.keys.idOf(key, 'the key of what is put');
    if (this.access === 'in a call') throw outsideCall(this.name, 'put()');
    // They may refuse the element: nothing has changed before.
    const taken = this.take?.(kept);
    if (this.check !== undefined && !this.check.isGood(kept)) this.check.judge(kept);
    const until = this.expiry?.untilOf(kept);
    const row = this.found(id, key) ?? this.added(id, key);
    this.note(row);
    this.assign(row, kept, taken);
    if (until !== undefined) this.expiry?.add(row, kept, until);
  }

  private keyOf(element: T): Key {
    const { key } = this.description;
    if (key !== undefined) return key.evaluate(element) as Key;
    throw new WaterMillError('WM_TABLE', `${this.name} has no key of its elements: what is put needs one.`);
  }

  private found(id: unknown, key: unknown): Row<T> | undefined {
    const { last } = this;
    if (last !== undefined && last.id === id) return last;
    const row = this.rows.get(id);
    if (row === undefined) return this.disk === undefined ? undefined : this.read(this.disk, id, key as Key);
    if (this.access === 'now') this.last = row;
    return row;
  }

  /** Also of a key that is not there, as it will most likely be put: but what is only asked for does not say what keys are. */
  private read(disk: RowsOnDisk<T>, id: unknown, key: Key): Row<T> | undefined {
    const value = disk.get(key);
    if (value === undefined && !this.keys.isSettled) return undefined;
    const row = this.added(id, key);
    row.value = value;
    return row;
  }

  private added(id: unknown, key: Key): Row<T> {
    const row = new Row<T>(id, this.keys.kept(key));
    this.rows.set(id, row);
    return row;
  }

  private note(row: Row<T>): void {
    if (this.access === 'always') return;
    this.undo.note(row);
    this.uncommitted.note(row);
  }

  private assign(row: Row<T>, value: T | undefined, taken: unknown): void {
    if (row.value === undefined) this.count += value === undefined ? 0 : 1;
    else if (value === undefined) this.count--;
    row.value = value;
    row.taken = taken;
    if (this.order === undefined) return;
    if (value === undefined) this.order.delete(row.key);
    else this.order.set(row.key, value);
  }

  // What the lane does.

  /** The table belongs to a lane. `take` makes what is kept of an element outside; `check` refuses what could not be kept there. */
  bind(take: ((element: T) => unknown) | undefined, check?: ElementCheck<T>): void {
    this.access = 'in a call';
    this.take = take;
    this.check = check;
  }

  /** What its elements are on disk: texts, which these two read and write. */
  diskCodec(read: (text: string) => T, write: (element: T) => string): DiskCodec<T> {
    const { expiry, elements } = this;
    return {
      read: (text) => elements.restored(read(text)),
      write,
      keyOf: (element) => this.keyOf(element),
      untilOf: expiry === undefined ? undefined : (element) => expiry.untilOf(element),
    };
  }

  /** Most of its rows are in a store on disk, where what a commit leaves of them is written. `key`: one of them, if there are any. */
  bindDisk(disk: RowsOnDisk<T>, key: Key | undefined): void {
    this.disk = disk;
    this.committed.disk = disk;
    if (key !== undefined) this.keys.kept(key);
    this.expiry = disk.expiry(
      (key) => this.found(this.keys.idOf(key, 'a key that was kept'), key),
      () => this.uncommitted,
    );
    this.count = disk.size;
    this.committed.size = this.count;
  }

  /** A change that was committed by an earlier run. */
  restore(key: Key, element: T | undefined): void {
    const id = this.keys.idOf(key, 'a key that was kept');
    const row = this.found(id, key) ?? this.added(id, key);
    const before = row.value;
    const kept = element === undefined ? undefined : this.elements.restored(element);
    this.assign(row, kept, undefined);
    if (kept !== undefined) this.expiry?.add(row, kept, this.expiry.untilOf(kept));
    if (this.disk !== undefined) this.disk.settled(row, before);
    else if (element === undefined) this.rows.delete(id);
    this.committed.size = this.count;
  }

  /** The key under which an element would be kept; undefined where elements have none. */
  keyOfRestored(element: T): unknown {
    return this.description.key?.evaluate(element);
  }

  /** Before a call: what is gone where the master is now is deleted, whatever becomes of the call. */
  expire(frontier: number | bigint): void {
    const { expiry } = this;
    if (expiry === undefined) return;
    expiry.sweep(this.count);
    this.access = 'now';
    for (const row of expiry.takeBefore(frontier)) {
      this.note(row);
      this.assign(row, undefined, undefined);
    }
  }

  /** Committed rows go to the disk, if there is one; `mark` says up to which commit. */
  startWriting(mark: Omit<StoreMark, 'size'> | undefined): void {
    this.disk?.start(mark && { ...mark, size: this.committed.size });
  }

  /** Resolves when there is room for more changes; undefined: there is. */
  pressure(): Promise<void> | undefined {
    this.forgetRead();
    return this.disk?.pressure();
  }

  /** Rows that were only read are forgotten where there are too many. */
  private forgetRead(): void {
    this.last = undefined;
    this.disk?.forget(this.rows, this.uncommitted.size);
  }

  callBegins(): void {
    this.access = 'now';
    this.undo.forget();
    this.forgetRead();
  }

  callEnds(): void {
    this.access = 'in a call';
    this.undo.forget();
  }

  /** Takes back what the call in progress has changed. */
  callFailed(): void {
    this.undo.takeBack((row, value, taken) => this.assign(row, value, taken));
    this.callEnds();
  }

  /** What a commit of now has to keep: each key once, in the order in which they were first changed. */
  changes(): readonly RowChange[] {
    return this.uncommitted.changes(this.take !== undefined);
  }

  /** All that is there, as changes. */
  *all(): Generator<RowChange, void> {
    if (this.disk !== undefined) {
      for (const value of this.callOrder().range({ reverse: false, limit: Number.POSITIVE_INFINITY }))
        yield { key: this.keyOf(value), value: this.take?.(value) ?? value };
      return;
    }
    for (const { key, value } of this.rows.values())
      if (value !== undefined) yield { key, value: this.take?.(value) ?? value };
  }

  /** Resolves when what is committed is on disk, where it goes there. */
  async written(): Promise<void> {
    await this.disk?.idle();
  }

  /** The changes so far can no longer be taken back. */
  settle(): void {
    const { committed, uncommitted } = this;
    if (uncommitted.size === 0) return;
    committed.begin();
    uncommitted.settle((row, before) => this.settled(row, before));
    committed.end(this.count);
  }

  private settled(row: Row<T>, before: T | undefined): void {
    const { key, value } = row;
    if (this.disk !== undefined) this.disk.settled(row, before);
    else if (value === undefined) this.rows.delete(row.id);
    if (value !== before) this.committed.settle(key, value);
  }

  /** Keys with their elements, in the order of keys: for those who keep elements that have none. */
  entries(): (readonly [key: Key, element: T])[] {
    const found: [Key, T][] = [];
    for (const { key, value } of this.rows.values())
      if (value !== undefined) found.push([key, this.elements.shown(value)]);
    return found.sort(([a], [b]) => compareKeys(a, b));
  }

  /** What calls see. */
  private callOrder(): RowOrder<T> {
    this.order ??= this.disk?.callOrder(this.uncommitted) ?? orderedMapOf(this.rows.values(), ({ value }) => value);
    return this.order;
  }
}

function outsideCall(table: string, method: string): WaterMillError {
  return new WaterMillError(
    'WM_TABLE_CALL',
    `${table}.${method}: there is no call in progress, and what a table gets belongs to a call: it is kept with its results, and ` +
      'taken back if it throws. Change the table within the process function, before what it returns is done; await what is async.',
    { table },
  );
}
