import { sharedClass } from '../base/loaded-copies.js';
import { mapped } from '../base/mapped.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import { compareKeys } from '../expressions/key.js';
import type { ValueType } from '../expressions/value-type.js';
import { knownOptions } from '../joins/option-checks.js';
import { ChangeQueue } from './change-queue.js';
import type { CommittedRows, RowListener } from './committed-rows.js';
import type { KeptElements } from './kept-elements.js';
import type { CommittedRow } from './row.js';
import type { TableKeys } from './table-keys.js';
import { checkedRange, type TableRange } from './table-range.js';
import type { TableChange, TableChangesOptions, TableView } from './table-view.js';

/** One table of a mill across its lanes in this process. Lanes come and go. */
@sharedClass('TableOfLanes')
export class TableOfLanes<T extends object> implements TableView<T, any>, RowListener<T> {
  private readonly lanes = new Map<CommittedRows<T>, () => void>();
  private readonly queues = new Map<ChangeQueue<T>, 'now' | 'beginning'>();
  private isOver = false;

  constructor(
    readonly name: string,
    /** The declared keys, used until there is a lane. */
    private readonly keys: TableKeys,
    private readonly elements: KeptElements<T>,
  ) {}

  /** The table of at least one lane is here. */
  get hasLanes(): boolean {
    return this.lanes.size > 0;
  }

  /** Something follows the changes. */
  get isListening(): boolean {
    return this.queues.size > 0;
  }

  /** Passes on the changes of a commit. */
  take(changes: readonly CommittedRow<T>[]): void {
    for (const queue of this.queues.keys()) queue.add(changes);
  }

  /** Adds the table of a lane. */
  add(rows: CommittedRows<T>): void {
    this.lanes.set(rows, rows.listen(this));
    for (const [queue, from] of this.queues) if (from === 'beginning') queue.addKept(rows.range(undefined));
  }

  /** Removes the table of a lane that another process owns from now on. */
  remove(rows: CommittedRows<T>): void {
    this.lanes.get(rows)?.();
    this.lanes.delete(rows);
  }

  /** Ends the table, since the run is over: nothing changes any more. */
  end(): void {
    this.isOver = true;
    for (const queue of [...this.queues.keys()]) queue.end(true);
  }

  /** The type of the keys, as declared or as found. */
  get keyType(): ValueType | undefined {
    if (this.keys.type !== undefined) return this.keys.type;
    // A lane without rows so far does not know it.
    for (const { keyType } of this.lanes.keys()) if (keyType !== undefined) return keyType;
    return undefined;
  }

  get size(): number {
    let size = 0;
    for (const rows of this.lanes.keys()) size += rows.size;
    return size;
  }

  get(key: unknown): Readonly<T> | undefined {
    this.keys.idOf(key, 'the key of get()');
    for (const rows of this.lanes.keys()) {
      const kept = rows.at(key);
      if (kept !== undefined) return this.elements.shown(kept);
    }
    return undefined;
  }

  range(options?: TableRange<any>): Iterable<Readonly<T>> {
    const { limit, reverse } = checkedRange(this.name, this.keys, options);
    const kept = [...this.lanes.keys()].map((rows) => rows.range(options));
    return mapped({ [Symbol.iterator]: () => merged(kept, limit, reverse) }, this.shown);
  }

  changes(options: TableChangesOptions = {}): AsyncIterable<TableChange<T, any>> {
    const { from, signal } = checkedOptions(this.name, options);
    return { [Symbol.asyncIterator]: () => this.follow(from, signal) };
  }

  private readonly shown = (kept: T): T => this.elements.shown(kept);

  private follow(from: 'now' | 'beginning', signal: AbortSignal | undefined): AsyncIterator<TableChange<T, any>> {
    const abort = (): void => queue.end(false);
    const queue = new ChangeQueue<T>(this.shown, () => {
      this.queues.delete(queue);
      signal?.removeEventListener('abort', abort);
    });
    this.queues.set(queue, from);
    if (from === 'beginning') {
      for (const rows of this.lanes.keys()) queue.addKept(rows.range(undefined));
    }
    signal?.addEventListener('abort', abort, { once: true });
    if (signal?.aborted) abort();
    else if (this.isOver) queue.end(true);
    return queue;
  }
}

/** Merges the elements of several lanes in the order of their keys. */
function* merged<T>(lanes: readonly Iterable<CommittedRow<T>>[], limit: number, reverse: boolean): Generator<T, void> {
  const heads = lanes.map((kept) => ({ left: kept[Symbol.iterator](), row: undefined as CommittedRow<T> | undefined }));
  const open = heads.filter(advance);
  for (let left = limit; left > 0 && open.length > 0; left--) {
    let first = open[0]!;
    for (const head of open) {
      const order = compareKeys(head.row!.key, first.row!.key);
      if (reverse ? order > 0 : order < 0) first = head;
    }
    yield first.row!.value as T;
    if (!advance(first)) open.splice(open.indexOf(first), 1);
  }
}

function advance<R>(head: { readonly left: Iterator<R>; row: R | undefined }): boolean {
  const { done, value } = head.left.next();
  head.row = done ? undefined : value;
  return !done;
}

function checkedOptions(table: string, options: TableChangesOptions) {
  const role = `${table}.changes()`;
  const { from = 'now', signal } = knownOptions(options, ['from', 'signal'], role, 'WM_TABLE_RANGE');
  if (from !== 'now' && from !== 'beginning') throw wrong(role, 'from', "'now' or 'beginning'", from);
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrong(role, 'signal', 'an AbortSignal', signal);
  return { from, signal } as const;
}

function wrong(role: string, option: string, expected: string, value: unknown): WaterMillError {
  const found = shownValue(value);
  return new WaterMillError('WM_TABLE_RANGE', `${role}: ${option} is ${found}; expected ${expected}.`, {
    expected,
    found,
  });
}
