import type { BrokerLane } from '../broker.js';

/**
 * The lanes of a connection as they are assigned, until there will be no more. Leaving the loop over them ends nothing.
 */
export class LaneStream<L extends BrokerLane> implements AsyncIterable<L> {
  private readonly lanes: L[] = [];
  private over = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void) | undefined;

  push(lane: L): void {
    this.lanes.push(lane);
    this.wake?.();
  }

  end(): void {
    this.over = true;
    this.wake?.();
  }

  fail(error: unknown): void {
    this.failure ??= { error };
    this.wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<L> {
    for (;;) {
      const lane = this.over ? undefined : this.lanes.shift();
      if (lane !== undefined) yield lane;
      else if (this.failure !== undefined && !this.over) throw this.failure.error;
      else if (this.over) return;
      else {
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
      }
    }
  }
}
