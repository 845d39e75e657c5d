import { copyOfKey } from '../expressions/key.js';
import { identityOf } from '../expressions/key-identity.js';
import type { CommittedRow } from './row.js';

/** The number of changes kept for a slow reader; beyond that, only the last change of each key. */
const mostExact = 10_000;

/** The queue of a table's changes for one reader. */
export class ChangeQueue<T> implements AsyncIterator<CommittedRow<T>, undefined> {
  /** The head of the queue: rows that are read on demand, and changes between them. */
  private readonly kept: Iterator<CommittedRow<T>>[] = [];
  private changes: CommittedRow<T>[] = [];
  private given = 0;
  private limit = mostExact;
  private isOver = false;
  private readonly waiting: (() => void)[] = [];

  constructor(
    /** Returns an element in the form in which it may be passed out. */
    private readonly shown: (value: T) => T,
    private readonly onEnd: () => void,
  ) {}

  addKept(rows: Iterable<CommittedRow<T>>): void {
    // Queued changes are older: the rows of a lane that returns from another process may have changed there.
    if (this.given < this.changes.length) this.kept.push(this.changes.slice(this.given).values());
    this.dropChanges();
    this.kept.push(rows[Symbol.iterator]());
    this.wake();
  }

  add(changes: readonly CommittedRow<T>[]): void {
    for (const change of changes) this.changes.push(change);
    if (this.changes.length - this.given > this.limit) this.keepLast();
    this.wake();
  }

  /** Ends the queue. Queued changes are still returned, unless they are not wanted any more. */
  end(isWanted: boolean): void {
    if (!isWanted) {
      this.kept.length = 0;
      this.dropChanges();
    }
    if (this.isOver) return;
    this.isOver = true;
    this.onEnd();
    this.wake();
  }

  async next(): Promise<IteratorResult<CommittedRow<T>, undefined>> {
    for (;;) {
      const change = this.take();
      if (change !== undefined) return { done: false, value: this.own(change) };
      if (this.isOver) return { done: true, value: undefined };
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  async return(): Promise<IteratorResult<CommittedRow<T>, undefined>> {
    this.end(false);
    return { done: true, value: undefined };
  }

  /** A change that belongs to the reader: others, and the table, have the original. */
  private own({ key, value }: CommittedRow<T>): CommittedRow<T> {
    return { key: copyOfKey(key), value: value === undefined ? undefined : this.shown(value) };
  }

  private take(): CommittedRow<T> | undefined {
    while (this.kept.length > 0) {
      const { done, value } = (this.kept[0] as Iterator<CommittedRow<T>>).next();
      if (!done) return value;
      this.kept.shift();
    }
    if (this.given === this.changes.length) return undefined;
    const change = this.changes[this.given++];
    if (this.given === this.changes.length) this.dropChanges();
    return change;
  }

  private dropChanges(): void {
    this.changes = [];
    this.given = 0;
    this.limit = mostExact;
  }

  private keepLast(): void {
    const last = new Map<unknown, CommittedRow<T>>();
    for (let i = this.given; i < this.changes.length; i++) {
      const change = this.changes[i] as CommittedRow<T>;
      const id = identityOf(change.key);
      // The last change comes last.
      last.delete(id);
      last.set(id, change);
    }
    this.changes = [...last.values()];
    this.given = 0;
    this.limit = Math.max(mostExact, 2 * this.changes.length);
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}
