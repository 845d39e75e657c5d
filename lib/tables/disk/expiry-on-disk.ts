import { Heap } from '../../base/heap.js';
import type { Key } from '../../expressions/key.js';
import { type DiskStore, type DueKey, dueCursor } from '../../stores/disk-store.js';
import type { Expiring } from '../expiry.js';
import type { Row } from '../row.js';

const loadedAtOnce = 1_000;
/** The maximum number of keys in memory; those that expire later are left to the store. */
const most = 10_000;

/** The expiry of rows on disk: keys up to a horizon are in memory, later ones in the index of the store. */
export class ExpiryOnDisk<T extends object> implements Expiring<Row<T>> {
  private next = new Heap<DueKey>(byTime);
  /** Undefined if nothing was read yet. */
  private horizon: number | bigint | undefined;
  /** There are no keys after the horizon. */
  private isAll = false;
  private cursor: Uint8Array | undefined;

  constructor(
    private readonly store: Pick<DiskStore, 'due'>,
    readonly untilOf: (element: object) => number | bigint,
    private readonly rowOf: (key: Key) => Row<T> | undefined,
    /** Rows whose current value is not on disk yet. */
    private readonly unwritten: () => Iterable<Row<T>>,
  ) {}

  add({ key }: Row<T>, _: object, until: number | bigint): void {
    if (!this.isInMemory(until)) return;
    this.next.add({ at: until, key });
    if (this.next.size > most) this.leaveLater();
  }

  *takeBefore(frontier: number | bigint): Generator<Row<T>, void> {
    for (;;) {
      while (!this.isAll && (this.horizon === undefined || this.horizon < frontier)) this.load();
      const { least } = this.next;
      if (least === undefined || least.at >= frontier) return;
      this.next.take();
      const row = this.rowOf(least.key);
      // A row that was put again since then expires later.
      if (row?.value !== undefined && this.untilOf(row.value) === least.at) yield row;
    }
  }

  sweep(): void {}

  clear(): void {
    this.next = new Heap(byTime);
  }

  private isInMemory(until: number | bigint): boolean {
    return this.isAll || (this.horizon !== undefined && until <= this.horizon);
  }

  private load(): void {
    const { keys, cursor } = this.store.due(this.cursor, loadedAtOnce);
    this.cursor = cursor;
    for (const key of keys) this.next.add(key);
    this.isAll = keys.length < loadedAtOnce;
    this.horizon = keys.at(-1)?.at ?? this.horizon;
    for (const { key, value } of this.unwritten()) {
      const at = value === undefined ? undefined : this.untilOf(value);
      if (at !== undefined && this.isInMemory(at)) this.next.add({ at, key });
    }
  }

  private leaveLater(): void {
    const next = new Heap<DueKey>(byTime);
    for (let left = loadedAtOnce; left > 0; left--) {
      const first = this.next.take();
      if (first === undefined) break;
      next.add(first);
      this.horizon = first.at;
    }
    this.next = next;
    this.isAll = false;
    this.cursor = dueCursor(this.horizon as number | bigint);
  }
}

function byTime(a: DueKey, b: DueKey): number {
  return a.at < b.at ? -1 : a.at > b.at ? 1 : 0;
}
