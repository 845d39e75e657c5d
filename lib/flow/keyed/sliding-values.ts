import type { TimedValue } from './window-rows.js';

/** The values that windows of later values may still need, per key, in the order of their times. */
export class SlidingValues {
  private readonly ofKeys = new Map<unknown, TimedValue[]>();
  /** The values of all keys. Those before index `head` were dropped. */
  private all: TimedValue[] = [];
  private head = 0;

  constructor(private readonly size: any) {}

  /** Drops the values that are more than the size before a time, and returns them. */
  before(time: any): readonly TimedValue[] {
    const { all, ofKeys } = this;
    const from = this.head;
    for (let first = all[this.head]; first !== undefined && first.time < time - this.size; first = all[++this.head]) {
      const values = ofKeys.get(first.id) as TimedValue[];
      values.shift();
      if (values.length === 0) ofKeys.delete(first.id);
    }
    const forgotten = all.slice(from, this.head);
    if (this.head * 2 > all.length) {
      this.all = all.slice(this.head);
      this.head = 0;
    }
    return forgotten;
  }

  add(timed: TimedValue): void {
    const values = this.ofKeys.get(timed.id);
    if (values === undefined) this.ofKeys.set(timed.id, [timed]);
    else values.push(timed);
    this.all.push(timed);
  }

  of(id: unknown): unknown[] {
    return (this.ofKeys.get(id) ?? []).map(({ value }) => value);
  }

  clear(): void {
    this.ofKeys.clear();
    this.all = [];
    this.head = 0;
  }
}
