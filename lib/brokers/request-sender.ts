/** A request that is ready to be sent. */
export interface ReadyRequest {
  /** The number of results in it. */
  readonly size: number;
  /** Resolves to the failure, if there is one. Never rejects. */
  readonly send: () => Promise<Error | undefined>;
}

/**
 * Sends the requests of a writer one at a time: so a retried request cannot arrive after its successor, and in the
 * meantime the next ones fill up. Makes the writer wait while too many results are queued.
 */
export class RequestSender {
  private queued = 0;
  private sending: Promise<void> | undefined;
  private failure: Error | undefined;
  private isClosed = false;
  private waiting: (() => void)[] = [];

  /** `take`: takes the next request out of the writer's queue, if there is one. */
  constructor(
    private readonly mostQueued: number,
    private readonly take: () => ReadyRequest | undefined,
  ) {}

  /** Counts results that the writer has queued. */
  add(count: number): void {
    this.queued += count;
  }

  /** Sends what is queued. Returns a promise if the writer has to wait, until half of the allowed results are left. */
  send(): Promise<void> | undefined {
    this.pump();
    return this.queued > this.mostQueued ? this.untilAtMost(this.mostQueued / 2) : undefined;
  }

  /** Resolves when everything that is queued was sent. Rejects with the failure of a request. */
  async flush(): Promise<void> {
    this.pump();
    await this.untilAtMost(0);
  }

  /** The writer has dropped what it had queued. */
  dropped(): void {
    this.queued = 0;
  }

  /** Sends nothing more, and resolves when the request in progress is over. The writer has dropped what is queued. */
  async close(): Promise<void> {
    this.isClosed = true;
    this.queued = 0;
    await this.sending;
  }

  private pump(): void {
    if (this.sending !== undefined || this.isClosed || this.failure !== undefined) return;
    const request = this.take();
    if (request === undefined) return;
    this.sending = request.send().then((failure) => {
      this.sending = undefined;
      this.failure ??= failure;
      if (!this.isClosed) this.queued -= request.size;
      this.pump();
      this.wake();
    });
  }

  private async untilAtMost(count: number): Promise<void> {
    while (this.failure === undefined && !this.isClosed && this.queued > count) {
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    if (this.failure !== undefined) throw this.failure;
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
