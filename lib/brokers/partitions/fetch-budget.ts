/** How much is requested of all partitions together, each for something between the other two. Bytes. */
const bytesInAll = 1_048_576;
const leastBytes = 32_768;
const mostBytes = 262_144;
/** Of one partition no more than this waits, where fetches are smaller than the user would have them. */
const mostBytesWaiting = 2 * bytesInAll;
/** A small record takes more than its bytes, and its element again, so records count too: those that are held of one partition … */
const recordsOfOne = 16_384;
/** … and of all; beyond that a lane gets more only when it has read what it has. */
const recordsInAll = 65_536;

/** How much the lanes of a process fetch, and how much of it they may hold. */
export class FetchBudget {
  /** How much of a partition is asked for at once. */
  readonly bytes: number;
  private readonly mostWaiting: number;
  private records = 0;

  /** @param given what the user wants asked for at once; then two fetches of a partition wait at most. */
  constructor(given: number | undefined, partitions: number) {
    this.bytes = given ?? Math.min(mostBytes, Math.max(leastBytes, Math.floor(bytesInAll / partitions)));
    this.mostWaiting = given === undefined ? Math.floor(mostBytesWaiting / this.bytes) : 2;
  }

  /** Adds to the number of records held; negative: fewer are. */
  add(records: number): void {
    this.records += records;
  }

  /** Whether to fetch no more of a partition, given how many of its records are held and how many of its fetches are pending. */
  isSpent(waiting: number, records: number): boolean {
    if (records === 0) return false;
    return waiting >= this.mostWaiting || records >= recordsOfOne || this.records >= recordsInAll;
  }
}
