import type { MessageClass } from '../base/class.js';
import { mapped } from '../base/mapped.js';
import { WaterMillError } from '../base/watermill-error.js';
import { compareKeys, type Key } from '../expressions/key.js';
import type { Init } from '../messages/index.js';
import type { StoreMark } from '../stores/disk-store.js';
import { CommittedRows } from './committed-rows.js';
import type { DiskCodec, RowsOnDisk } from './disk/rows-on-disk.js';
import { type Expiring, Expiry } from './expiry.js';
import { KeptElements } from './kept-elements.js';
import type { Row, RowChange } from './row.js';
import { RowMap } from './row-map.js';
import type { TableDescription } from './table-description.js';
import { TableKeys } from './table-keys.js';
import { checkedRange, type TableRange } from './table-range.js';

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

/** One table in one lane: what its calls, and steps of flows, may do with it and when; and what the lane does with it between them. */
export class TableRows<T extends object> {
  readonly elements: KeptElements<T>;
  private readonly keys: TableKeys;
  private readonly rows: RowMap<T>;
  /** The view from outside. */
  readonly committed: CommittedRows<T>;
  private access: Access = 'always';
  /** What the writer makes of an element; undefined if it keeps elements as they are. */
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
    this.rows = new RowMap(this.keys);
    this.committed = new CommittedRows(name, this.keys, this.elements, this.rows.inMemory);
    if (description.expires !== undefined) this.expiry = new Expiry(name, description.expires);
  }

  // What calls do.

  get size(): number {
    return this.rows.size;
  }

  get(key: unknown): T | undefined {
    const value = this.rows.find(this.keys.idOf(key, 'the key of get()'), key)?.value;
    return value === undefined ? undefined : this.elements.shown(value);
  }

  has(key: unknown): boolean {
    return this.rows.find(this.keys.idOf(key, 'the key of has()'), key)?.value !== undefined;
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
    const row = this.rows.find(this.keys.idOf(key, 'the key of a step'), key);
    return row?.value === undefined ? undefined : (row as StepRow<T>);
  }

  /** An element like that of a row, for the step to change. */
  stateOf(row: StepRow<T>): T {
    return this.elements.another(row.value);
  }

  /** Keeps an element under a key, in its row where it has one. */
  keepAt(row: StepRow<T> | undefined, key: Key, given: T | Init<T>): void {
    const kept = this.elements.keepLoose(given);
    const taken = this.takenOf(kept);
    const own = (row as Row<T> | undefined) ?? this.rows.findOrAdd(this.keys.idOf(key, 'the key of a step'), key);
    this.rows.change(own, kept, taken);
  }

  deleteAt(row: StepRow<T>): void {
    this.rows.change(row as Row<T>, undefined, undefined);
  }

  delete(key: unknown): boolean {
    const row = this.rows.find(this.keys.idOf(key, 'the key of delete()'), key);
    if (this.access === 'in a call') throw outsideCall(this.name, 'delete()');
    if (row?.value === undefined) return false;
    this.rows.change(row, undefined, undefined);
    return true;
  }

  range(options: TableRange<any> | undefined): Iterable<T> {
    const kept = this.rows.inOrder().range(checkedRange(this.name, this.keys, options));
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
    const taken = this.takenOf(kept);
    const until = this.expiry?.untilOf(kept);
    const row = this.rows.findOrAdd(id, key);
    this.rows.change(row, kept, taken);
    if (until !== undefined) this.expiry?.add(row, kept, until);
  }

  /** The form in which the writer keeps an element. It may refuse the element, so nothing may have changed before. */
  private takenOf(kept: T): unknown {
    if (this.check !== undefined && !this.check.isGood(kept)) this.check.judge(kept);
    return this.take?.(kept);
  }

  private keyOf(element: T): Key {
    const { key } = this.description;
    if (key !== undefined) return key.evaluate(element) as Key;
    throw new WaterMillError('WM_TABLE', `${this.name} has no key of its elements: what is put needs one.`);
  }

  // What the lane does.

  /** The table belongs to a lane. `take` makes what is kept of an element outside; `check` refuses what could not be kept there. */
  bind(take: ((element: T) => unknown) | undefined, check?: ElementCheck<T>): void {
    this.access = 'in a call';
    this.rows.bind();
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
    this.rows.bindDisk(disk);
    this.committed.disk = disk;
    if (key !== undefined) this.keys.kept(key);
    this.expiry = disk.expiry(
      (key) => this.rows.find(this.keys.idOf(key, 'a key that was kept'), key),
      () => this.rows.uncommitted,
    );
    this.committed.size = disk.size;
  }

  /** A change that was committed by an earlier run. */
  restore(key: Key, element: T | undefined): void {
    const row = this.rows.findOrAdd(this.keys.idOf(key, 'a key that was kept'), key);
    const kept = element === undefined ? undefined : this.elements.restored(element);
    this.rows.restore(row, kept);
    if (kept !== undefined) this.expiry?.add(row, kept, this.expiry.untilOf(kept));
    this.committed.size = this.rows.size;
  }

  /** The key under which an element would be kept; undefined if elements have none. */
  keyOfRestored(element: T): unknown {
    return this.description.key?.evaluate(element);
  }

  /** Before a call: what is gone where the master is now is deleted, whatever becomes of the call. */
  expire(frontier: number | bigint): void {
    const { expiry } = this;
    if (expiry === undefined) return;
    expiry.sweep(this.rows.size);
    this.access = 'now';
    for (const row of expiry.takeBefore(frontier)) this.rows.change(row, undefined, undefined);
  }

  /** Committed rows go to the disk, if there is one; `mark` says up to which commit. */
  startWriting(mark: Omit<StoreMark, 'size'> | undefined): void {
    this.disk?.start(mark && { ...mark, size: this.committed.size });
  }

  /** Resolves when there is room for more changes; undefined: there is. */
  pressure(): Promise<void> | undefined {
    this.rows.forgetRead();
    return this.disk?.pressure();
  }

  callBegins(): void {
    this.access = 'now';
    this.rows.callBegins();
  }

  callEnds(): void {
    this.access = 'in a call';
    this.rows.callEnds();
  }

  /** Takes back what the call in progress has changed. */
  callFailed(): void {
    this.access = 'in a call';
    this.rows.callFailed();
  }

  /** All of it is in memory. */
  get isInMemory(): boolean {
    return this.disk === undefined;
  }

  /** What a commit of now has to keep: each key once, in the order in which they were first changed. */
  changes(): readonly RowChange[] {
    return this.rows.uncommitted.changes(this.take !== undefined);
  }

  /** All that is there, as changes. */
  *all(): Generator<RowChange, void> {
    for (const { key, value } of this.rows.all((element) => this.keyOf(element)))
      yield { key, value: this.take?.(value) ?? value };
  }

  /** Resolves when what is committed is on disk, where it goes there. */
  async written(): Promise<void> {
    await this.disk?.idle();
  }

  /** The changes so far can no longer be taken back. */
  settle(): void {
    const { committed, rows } = this;
    if (rows.uncommitted.size === 0) return;
    committed.begin();
    rows.settle((key, value) => committed.settle(key, value));
    committed.end(rows.size);
  }

  /** Keys with their elements, in the order of keys: for those who keep elements that have none. */
  entries(): (readonly [key: Key, element: T])[] {
    const found: [Key, T][] = [];
    for (const { key, value } of this.rows.inMemory.values())
      if (value !== undefined) found.push([key, this.elements.shown(value)]);
    return found.sort(([a], [b]) => compareKeys(a, b));
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
