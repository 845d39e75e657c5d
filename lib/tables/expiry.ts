import { isDate } from '../base/date.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Expression } from '../expressions/expression.js';

/** When the elements of a table are gone: once the master's key is beyond `by` and `after`. */
export interface ExpiryDescription {
  readonly after: number | bigint;
  readonly by: Expression<any, any>;
}

interface Entry<R> {
  readonly until: number | bigint;
  readonly row: R;
  /** Only while the row still has this element. */
  readonly value: object;
}

/** Rows in the order in which they expire: a heap. What was put again since is passed over. */
export class Expiry<R extends { readonly value: object | undefined }> {
  private heap: Entry<R>[] = [];

  constructor(
    private readonly table: string,
    private readonly description: ExpiryDescription,
  ) {}

  /** From when on an element is gone. Throws for one that does not say it. */
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
    const { heap } = this;
    let at = heap.push({ until, row, value }) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if ((heap[parent] as Entry<R>).until <= (heap[at] as Entry<R>).until) return;
      this.swap(at, parent);
      at = parent;
    }
  }

  /** Rows that are gone when the master is at this key, each once. */
  *takeBefore(frontier: number | bigint): Generator<R, void> {
    for (let first = this.heap[0]; first !== undefined && first.until < frontier; first = this.heap[0]) {
      this.removeFirst();
      if (first.row.value === first.value) yield first.row;
    }
  }

  /** Forgets what was put again, where that is most of it. Not while a call may still be taken back. */
  sweep(rows: number): void {
    if (this.heap.length < 1_000 + 2 * rows) return;
    const kept = this.heap.filter(({ row, value }) => row.value === value);
    this.heap = [];
    for (const { row, value, until } of kept) this.add(row, value, until);
  }

  private removeFirst(): void {
    const { heap } = this;
    const last = heap.pop() as Entry<R>;
    if (heap.length === 0) return;
    heap[0] = last;
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && (heap[child] as Entry<R>).until < (heap[least] as Entry<R>).until) least = child;
      }
      if (least === at) return;
      this.swap(at, least);
      at = least;
    }
  }

  private swap(a: number, b: number): void {
    const { heap } = this;
    [heap[a], heap[b]] = [heap[b] as Entry<R>, heap[a] as Entry<R>];
  }
}
