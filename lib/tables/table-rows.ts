import type { MessageClass } from '../base/class.js';
import { mapped } from '../base/mapped.js';
import { thrownSentence } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import { compareKeys, copyOfKey, type Key } from '../expressions/key.js';
import { keyInErrors } from '../expressions/key-code.js';
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

/** The row of a key with an element. */
export interface StepRow<T> {
  readonly value: T;
}

/**
 * The check of an element before it is written: `isGood` is fast; if it fails, `judge` throws if the element cannot be
 * written.
 */
export interface ElementCheck<T> {
  readonly isGood: (element: T) => boolean;
  readonly judge: (element: T) => void;
}

/** When a table may change: the table of a lane only within a call. */
type Access = 'always' | 'in a call' | 'now';

/** One table in one lane: its operations for calls and for steps of flows, and those of the lane between calls. */
export class TableRows<T extends object> {
  readonly elements: KeptElements<T>;
  private readonly keys: TableKeys;
  private readonly rows: RowMap<T>;
  /** The view from outside. */
  readonly committed: CommittedRows<T>;
  private access: Access = 'always';
  /** There was a key before the call in progress. */
  private hadKey = true;
  /** Converts an element to the writer's form; undefined if the writer keeps elements unchanged. */
  private take: ((element: T) => unknown) | undefined;
  private check: ElementCheck<T> | undefined;
  private expiry: Expiring<Row<T>> | undefined;
  /** The rows on disk, of which only recently used ones are in memory; undefined if all are in memory. */
  private disk: RowsOnDisk<T> | undefined;

  constructor(
    readonly name: string,
    private readonly description: TableDescription<T>,
  ) {
    this.elements = new KeptElements(name, description.message);
    this.keys = new TableKeys(name, description.key?.valueType);
    this.rows = new RowMap(this.keys);
    this.committed = new CommittedRows(name, this.keys, this.rows.inMemory);
    if (description.expires !== undefined) this.expiry = new Expiry(name, description.expires);
  }

  // Operations of calls.

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

  /** Keeps an element under its key. */
  put(given: T | Init<T>): void {
    const kept = this.elements.keep(given);
    this.store(this.keyOf(kept), kept);
  }

  /** Keeps an element under a given key, if elements have none. */
  set(key: Key, given: T | Init<T>): void {
    this.store(key, this.elements.keep(given));
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

  // Operations of flow steps, whose elements have no keys: one lookup finds the row to read and change.

  /** The row of a key, if it has an element. */
  rowOf(key: Key): StepRow<T> | undefined {
    const row = this.rows.findInTurn(this.keys.idOf(key, 'the key of a step'), key);
    return row?.value === undefined ? undefined : (row as StepRow<T>);
  }

  /** A copy of a row's element, for the step to change. */
  stateOf(row: StepRow<T>): T {
    return this.elements.another(row.value);
  }

  /** Keeps an element under a key, in its row if it has one. A final change is never undone. */
  keepAt(row: StepRow<T> | undefined, key: Key, given: T | Init<T>, isFinal: boolean): void {
    const checked = this.elements.keepChecked(given);
    const kept = checked ?? this.elements.keepLoose(given);
    const taken = checked === undefined ? this.takenOf(kept) : this.take?.(kept);
    const own = (row as Row<T> | undefined) ?? this.rows.findOrAdd(this.keys.idOf(key, 'the key of a step'), key);
    this.rows.change(own, kept, taken, isFinal);
  }

  deleteAt(row: StepRow<T>): void {
    this.rows.change(row as Row<T>, undefined, undefined);
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

  /** Converts an element to the writer's form. This may throw, so nothing may have changed before. */
  private takenOf(kept: T): unknown {
    if (this.check !== undefined && !this.check.isGood(kept)) this.check.judge(kept);
    return this.take?.(kept);
  }

  private keyOf(element: T): Key {
    const { key } = this.description;
    if (key === undefined)
      throw new WaterMillError('WM_TABLE', `${this.name} has no key of its elements: what is put needs one.`);
    try {
      return key.evaluate(element) as Key;
    } catch (cause) {
      throw new WaterMillError(
        'WM_TABLE_KEY',
        `${this.name}: the key ${keyInErrors(key)} could not be computed: ${thrownSentence(cause)} Make it accept every element that is put.`,
        { table: this.name },
        { cause },
      );
    }
  }

  /** The key of an element on disk. A copy: a key function may return one object for all elements. */
  private readonly ownKeyOf = (element: T): Key => copyOfKey(this.keyOf(element));

  // Operations of the lane.

  /** The class of the elements. */
  get message(): MessageClass<T> {
    return this.description.message;
  }

  /**
   * Binds the table to a lane. `take` converts elements to the writer's form; `check` throws for elements that it could
   * not keep.
   */
  bind(take: ((element: T) => unknown) | undefined, check?: ElementCheck<T>): void {
    this.access = 'in a call';
    this.rows.bind();
    this.take = take;
    this.check = check;
  }

  /** Makes the codec for elements on disk from the reader and the writer of their texts. */
  diskCodec(read: (text: string) => T, write: (element: T) => string): DiskCodec<T> {
    const { expiry, elements } = this;
    return {
      read: (text) => elements.restored(read(text)),
      write,
      keyOf: this.ownKeyOf,
      untilOf: expiry === undefined ? undefined : (element) => expiry.untilOf(element),
    };
  }

  /**
   * Binds the table to its rows on disk, where the changes of commits are written. `key`: one of their keys, if there
   * are any.
   */
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

  /** Applies a change that an earlier run committed. */
  restore(key: Key, element: T | undefined): void {
    const row = this.rows.findOrAdd(this.keys.idOf(key, 'a key that was kept'), key);
    const kept = element === undefined ? undefined : this.elements.restored(element);
    this.rows.restore(row, kept);
    // The changes of a key may be many.
    this.expiry?.sweep(this.rows.size);
    if (kept !== undefined) this.expiry?.add(row, kept, this.expiry.untilOf(kept));
    this.committed.size = this.rows.size;
  }

  /** The key under which an element would be kept; undefined if elements have none. */
  keyOfRestored(element: T): unknown {
    return this.description.key?.evaluate(element);
  }

  /** Deletes the elements that have expired at this key of the master, before a call and independent of its outcome. */
  expire(frontier: number | bigint): void {
    const { expiry } = this;
    if (expiry === undefined) return;
    expiry.sweep(this.rows.size);
    this.access = 'now';
    for (const row of expiry.takeBefore(frontier)) this.rows.change(row, undefined, undefined);
  }

  /** Starts to write committed rows to the disk, if there is one; `mark`: the commit. */
  startWriting(mark: Omit<StoreMark, 'size'> | undefined): void {
    this.disk?.start(mark && { ...mark, size: this.committed.size });
  }

  /** Returns a promise that resolves when there is room for more changes, if there is none. */
  pressure(): Promise<void> | undefined {
    this.rows.forgetRead();
    return this.disk?.pressure();
  }

  callBegins(): void {
    this.access = 'now';
    this.hadKey = this.keys.isSettled;
    this.rows.callBegins();
  }

  callEnds(): void {
    this.access = 'in a call';
    this.rows.callEnds();
  }

  /** Undoes the changes of the call in progress. */
  callFailed(): void {
    this.access = 'in a call';
    this.rows.callFailed();
    if (this.hadKey || !this.keys.isSettled) return;
    // The first key was undone: it does not set the type of the others.
    this.rows.clear();
    this.expiry?.clear();
    this.keys.reset();
  }

  /** The whole table is in memory. */
  get isInMemory(): boolean {
    return this.disk === undefined;
  }

  /** The changes for a commit: each key once, in the order of their first changes. */
  changes(): readonly RowChange[] {
    return this.rows.uncommitted.changes(this.take !== undefined);
  }

  /** All rows as changes. */
  *all(): Generator<RowChange, void> {
    for (const { key, value } of this.rows.all(this.ownKeyOf)) yield { key, value: this.take?.(value) ?? value };
  }

  /** Resolves when the committed rows are on disk, if they are kept there. */
  async written(): Promise<void> {
    await this.disk?.idle();
  }

  /** Commits the changes so far: they cannot be undone any more. */
  settle(): void {
    const { committed, rows } = this;
    if (rows.uncommitted.size === 0) return;
    committed.begin();
    rows.settle((key, value) => committed.settle(key, value));
    committed.end(rows.size);
  }

  /** Keys with their elements, in the order of keys, for tables whose elements have no key. */
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
    `${table}.${method}: there is no call in progress, and changes of a table belong to a call: they are kept with its results, and ` +
      'undone if it throws. Change the table within the process function, before its result is complete; await what is async.',
    { table },
  );
}
