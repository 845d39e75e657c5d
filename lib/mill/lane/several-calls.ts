/** Enough to make the way from the lane to the process and back cheap per call. */
export const mostCalls = 64;

/** Consecutive calls in one answer, which is reused. */
export abstract class SeveralCalls {
  readonly what = 'calls';
  count = 0;
  done = 0;
  /** The number of elements in the calls in addition to their master elements. */
  protected held = 0;
  private most = mostCalls;

  /**
   * `mostHeld`: no call is added to calls that hold this many elements, so that an answer stays small compared to the
   * lane.
   */
  constructor(private readonly mostHeld = Number.POSITIVE_INFINITY) {}

  /** Limits the number of calls from now on. */
  limit(calls: number): void {
    this.most = Math.min(this.most, calls);
  }

  get isFull(): boolean {
    return this.count >= this.most || this.held >= this.mostHeld;
  }

  /** The number of calls that can be added, if they hold only their master elements. */
  get room(): number {
    return this.most - this.count;
  }

  get isDone(): boolean {
    return this.done === this.count;
  }

  /** Starts over with no calls. */
  protected reset(): void {
    this.count = 0;
    this.done = 0;
    this.held = 0;
  }
}
