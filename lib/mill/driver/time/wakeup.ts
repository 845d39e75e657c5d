/**
 * What a waiting lane sleeps on. Reads that come in, timers and `stop` wake it; it then looks by itself what has
 * changed, so a wake too many does no harm, and one that came before the wait is not lost. One promise per wait,
 * where `Promise.race` would add a reaction to every read that stays pending.
 */
export class Wakeup {
  private resolve: (() => void) | undefined;
  private rung = false;

  readonly wake = (): void => {
    this.rung = true;
    this.resolve?.();
  };

  /** Resolves at the next wake. Who waited says so by `awake`. */
  wait(): Promise<void> {
    if (this.rung) return Promise.resolve();
    return new Promise<void>((resolve) => {
      this.resolve = resolve;
    });
  }

  /** The wakes so far are heard. */
  awake(): void {
    this.resolve = undefined;
    this.rung = false;
  }
}
