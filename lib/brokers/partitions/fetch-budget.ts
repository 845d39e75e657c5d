/** The total number of bytes requested from all partitions, and the limits for each. Bytes. */
const bytesInAll = 1_048_576;
const leastBytes = 32_768;
const mostBytes = 262_144;
/** The maximum number of bytes of a partition that wait, unless the user sets the size of a fetch. */
const mostBytesWaiting = 2 * bytesInAll;
/**
 * A small record takes more memory than its bytes, plus that of its element, so records are limited, too: the maximum
 * held per partition …
 */
const recordsOfOne = 16_384;
/** … and in total; beyond that, a lane gets more only when it has no records left. */
const recordsInAll = 65_536;

/** Limits how much the lanes of a process fetch, and how much of it they hold. */
export class FetchBudget {
  /** The number of bytes to request from a partition at once. */
  readonly bytes: number;
  private readonly mostWaiting: number;
  private records = 0;

  /**
   * @param given The number of bytes to request at once, if the user sets it; then at most two fetches of a partition
   * wait.
   */
  constructor(given: number | undefined, partitions: number) {
    this.bytes = given ?? Math.min(mostBytes, Math.max(leastBytes, Math.floor(bytesInAll / partitions)));
    this.mostWaiting = given === undefined ? Math.floor(mostBytesWaiting / this.bytes) : 2;
  }

  /** Changes the number of records held. */
  add(records: number): void {
    this.records += records;
  }

  /** Returns whether to pause fetching a partition, given the number of its fetches and records that are waiting. */
  isSpent(waiting: number, records: number): boolean {
    if (records === 0) return false;
    return waiting >= this.mostWaiting || records >= recordsOfOne || this.records >= recordsInAll;
  }
}
