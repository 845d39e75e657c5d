import { isDate } from '../base/date.js';
import { Heap } from '../base/heap.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Expression } from '../expressions/expression.js';

/** When the elements of a table expire: once the master's key is above `by` plus `after`. */
export interface ExpiryDescription {
  readonly after: number | bigint;
  readonly by: Expression<any, any>;
}

interface Entry<R> {
  readonly until: number | bigint;
  readonly row: R;
  /** Only valid while the row still has this element. */
  readonly value: object;
}

/** Tracks when the rows of a table expire. */
export interface Expiring<R> {
  /** The time when an element expires. Throws if the element does not have one. */
  untilOf(element: object): number | bigint;
  add(row: R, value: object, until: number | bigint): void;
  /** Takes the rows that have expired when the master is at this key, each once. */
  takeBefore(frontier: number | bigint): Generator<R, void>;
  /** Drops entries of rows that were put again, if they are the majority. Not while a call may still be undone. */
  sweep(rows: number): void;
  /** Drops everything that was added to a table without rows. */
  clear(): void;
}

/** Rows in the order of their expiry. Entries of rows that were put again are skipped. */
export class Expiry<R extends { readonly value: object | undefined }> implements Expiring<R> {
  private entries = new Heap<Entry<R>>(byEnd);

  constructor(
    private readonly table: string,
    private readonly description: ExpiryDescription,
  ) {}

  untilOf(element: object): number | bigint {
    const { after, by } = this.description;
    const value = by.evaluate(element);
    const at = isDate(value) ? value.getTime() : value;
    if (typeof at === typeof after && (typeof at === 'bigint' || Number.isFinite(at))) return (at as any) + after;
    const expected = typeof after === 'bigint' ? 'a bigint' : 'a number or a Date';
    throw new WaterMillError(
      'WM_TABLE_ELEMENT',
      `${this.table}.put(): it expires by ${by}, which is ${shownValue(value)}; expected ${expected}, as \`after\` is a ${typeof after}.`,
      { table: this.table, expected, found: shownValue(value) },
    );
  }

  add(row: R, value: object, until: number | bigint): void {
    this.entries.add({ until, row, value });
  }

  *takeBefore(frontier: number | bigint): Generator<R, void> {
    const { entries } = this;
    for (let first = entries.least; first !== undefined && first.until < frontier; first = entries.least) {
      entries.take();
      if (first.row.value === first.value) yield first.row;
    }
  }

  sweep(rows: number): void {
    if (this.entries.size < 1_000 + 2 * rows) return;
    this.entries.keep(({ row, value }) => row.value === value);
  }

  clear(): void {
    this.entries = new Heap<Entry<R>>(byEnd);
  }
}

function byEnd(a: Entry<unknown>, b: Entry<unknown>): number {
  return a.until < b.until ? -1 : a.until > b.until ? 1 : 0;
}
