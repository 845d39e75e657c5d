import { allDone } from '../../../base/closers.js';
import { KafkaClientError, type KafkaProducer } from '../client.js';

interface Shared {
  readonly opening: Promise<KafkaProducer>;
  users: number;
  hasFailed: boolean;
}

/**
 * The producer that several users share. After a failure, a producer cannot write to the partition again: later users
 * get another one, and the failed one is closed when its last user has left it.
 */
export class SharedProducers {
  private current: Shared | undefined;
  /** Those that are not closed. */
  private readonly open = new Set<Shared>();
  private readonly closing = new Set<Promise<void>>();
  private readonly sharedBy = new WeakMap<KafkaProducer, Shared>();
  private isClosed = false;

  constructor(private readonly openProducer: () => Promise<KafkaProducer>) {}

  /** Returns the producer for one user, who leaves it by closing it. */
  async take(): Promise<KafkaProducer> {
    // A lane may be opened later than the connection waits for it: nothing would close its producer.
    if (this.isClosed) throw new KafkaClientError('other', 'the connection is closed');
    this.current ??= this.make();
    const shared = this.current;
    shared.users++;
    const producer = await shared.opening.catch((error) => {
      this.forget(shared);
      throw error;
    });
    let hasLeft = false;
    const own: KafkaProducer = {
      send: (topic, records) => producer.send(topic, records),
      begin: () => producer.begin(),
      commit: (group, offsets) => producer.commit(group, offsets),
      abort: () => producer.abort(),
      close: async () => {
        if (hasLeft) return;
        hasLeft = true;
        shared.users--;
        this.closeUnused(shared);
      },
    };
    this.sharedBy.set(own, shared);
    return own;
  }

  /** Notes that a user's producer has failed. */
  failed(producer: KafkaProducer): void {
    const shared = this.sharedBy.get(producer);
    if (shared === undefined) return;
    shared.hasFailed = true;
    if (this.current === shared) this.current = undefined;
  }

  /** Closes all producers, also those in use. */
  async close(): Promise<void> {
    this.isClosed = true;
    const opened = [...this.open];
    for (const shared of opened) this.forget(shared);
    const closings = opened.map(async ({ opening }) => (await opening.catch(() => undefined))?.close());
    await allDone([...closings, ...this.closing]);
  }

  private make(): Shared {
    const shared: Shared = { opening: this.openProducer(), users: 0, hasFailed: false };
    this.open.add(shared);
    return shared;
  }

  /** Not awaited by the user who leaves: the client waits for requests that may never be answered. */
  private closeUnused(shared: Shared): void {
    if (!shared.hasFailed || shared.users > 0 || !this.open.has(shared)) return;
    this.forget(shared);
    const closing = shared.opening
      .then((producer) => producer.close())
      .catch(() => {})
      .finally(() => this.closing.delete(closing));
    this.closing.add(closing);
  }

  private forget(shared: Shared): void {
    this.open.delete(shared);
    if (this.current === shared) this.current = undefined;
  }
}
