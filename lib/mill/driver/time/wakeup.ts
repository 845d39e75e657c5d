/**
 * The signal that a waiting lane sleeps on. Completed reads, timers and `stop` wake it. It then checks for itself what
 * has changed, so a spurious wake is harmless, and a wake before the wait is not lost. One promise per wait:
 * `Promise.race` would add a reaction to every read that stays pending.
 */
export class Wakeup {
  private resolve: (() => void) | undefined;
  private rung = false;

  readonly wake = (): void => {
    this.rung = true;
    this.resolve?.();
  };

  /** Resolves at the next wake. The waiter then calls `awake`. */
  wait(): Promise<void> {
    if (this.rung) return Promise.resolve();
    return new Promise<void>((resolve) => {
      this.resolve = resolve;
    });
  }

  /** Resets the signal. */
  awake(): void {
    this.resolve = undefined;
    this.rung = false;
  }
}
