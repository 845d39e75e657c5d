/**
 * What a waiting lane sleeps on. Reads that come in, timers and `stop` wake it; it then looks by itself what has
 * changed, so a wake too many does no harm, and one that came before the wait is not lost. One promise per wait,
 * where `Promise.race` would leave a reaction behind on every read that stays pending.
 */
export class Wakeup {
  private resolve: (() => void) | undefined;
  private rung = false;

  readonly wake = (): void => {
    this.rung = true;
    this.resolve?.();
  };

  async wait(): Promise<void> {
    if (!this.rung) {
      await new Promise<void>((resolve) => {
        this.resolve = resolve;
      });
    }
    this.resolve = undefined;
    this.rung = false;
  }
}
