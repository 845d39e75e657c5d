/**
 * Makes producers wait while a queue is full, but only while the mill is busy. A mill that waits for one stream does
 * not take from the others: a producer that feeds several streams and waited for a full one would then wait forever.
 */
export class BackPressure {
  private readonly waiting = new Set<() => void>();
  private runs = 0;
  private hungry = 0;

  /** Undefined: no need to wait. */
  wait(): Promise<void> | undefined {
    if (this.runs === 0 || this.hungry > 0) return undefined;
    return new Promise((resolve) => this.waiting.add(resolve));
  }

  lift(): void {
    for (const resolve of this.waiting) resolve();
    this.waiting.clear();
  }

  runBegins(): void {
    this.runs++;
  }

  runEnds(): void {
    if (--this.runs === 0) this.lift();
  }

  readWaits(): void {
    this.hungry++;
    this.lift();
  }

  readSettled(): void {
    this.hungry--;
  }
}
