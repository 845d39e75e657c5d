import { keyToJson } from '../../../expressions/key-json.js';
import type { KeptChange, TableRequest } from '../../kept-tables.js';
import type { KafkaProducer } from '../client.js';
import { type RequestPlace, sendInHalves } from '../results/send-in-halves.js';
import { ChangeBatch, type ValueWriter } from './change-batch.js';

/** The default limit of a topic. Larger batches would mean fewer round trips per commit, but more memory. */
const bytesPerSend = 1_048_588;

export interface TopicChangesSetup {
  readonly topic: string;
  readonly table: TableRequest;
  readonly partition: number;
  readonly values: ValueWriter;
  /** The largest batch that the topic accepts, in bytes, if it is known. */
  readonly maxBytes: number | undefined;
}

/** The changes of a table since the last commit. */
export class TopicChanges {
  private readonly pending: (readonly KeptChange[])[] = [];
  /** The keys that a lane that starts over has to delete, as in the topic. */
  private stale: ReadonlySet<string> = new Set();
  private readonly place: RequestPlace;
  private readonly most: number;
  /** The batch that is filled next. */
  private batch: ChangeBatch;
  private sending: Promise<number | undefined> | undefined;

  constructor(private readonly setup: TopicChangesSetup) {
    const { topic, table, maxBytes } = setup;
    this.place = { topic, message: table.message.name, table: table.name, maxBytes };
    this.most = Math.min(bytesPerSend, maxBytes ?? bytesPerSend);
    this.batch = this.newBatch();
  }

  /** Returns whether elements are written here. */
  get writesElements(): boolean {
    return this.setup.values.bytes !== undefined;
  }

  write(changes: readonly KeptChange[]): void {
    this.pending.push(changes);
  }

  /** Adds deletions of these keys, unless they are written. */
  replace(keys: ReadonlySet<string>): void {
    this.stale = keys;
  }

  /**
   * Sends the changes. While a batch is on its way, the next one is filled. Resolves to the offset after the last
   * change, if the cluster reported it.
   */
  async send(producer: Pick<KafkaProducer, 'send'>): Promise<number | undefined> {
    const { most } = this;
    try {
      for (const changes of this.pending) {
        for (const change of changes) {
          if (this.batch.add(change, most)) continue;
          await this.sendBatch(producer);
          this.batch.add(change, most);
        }
      }
      for (const key of this.deletions()) {
        if (this.batch.addDeletion(key, most)) continue;
        await this.sendBatch(producer);
        this.batch.addDeletion(key, most);
      }
      await this.sendBatch(producer);
      return await this.sending;
    } finally {
      this.batch.release();
      await this.sending?.catch(() => {});
      this.sending = undefined;
    }
  }

  /** Notes that the changes were committed. */
  sent(): void {
    this.pending.length = 0;
    this.stale = new Set();
  }

  /** Starts to send the batch, after the one before it has arrived. */
  private async sendBatch(producer: Pick<KafkaProducer, 'send'>): Promise<void> {
    await this.sending;
    const { batch } = this;
    if (batch.length === 0) return;
    this.sending = this.sendWhole(producer, batch);
    // A failure is thrown where the outcome is awaited.
    this.sending.catch(() => {});
    this.batch = this.newBatch();
  }

  /** A request that failed may still be in progress: its batch is not released. */
  private async sendWhole(producer: Pick<KafkaProducer, 'send'>, batch: ChangeBatch): Promise<number | undefined> {
    const end = await sendInHalves(producer, this.place, batch);
    batch.release();
    return end;
  }

  private newBatch(): ChangeBatch {
    return new ChangeBatch(this.setup.partition, this.setup.values);
  }

  private *deletions(): Generator<string, void> {
    if (this.stale.size === 0) return;
    const put = new Set(this.pending.flatMap((changes) => changes.map(({ key }) => JSON.stringify(keyToJson(key)))));
    for (const key of this.stale) if (!put.has(key)) yield key;
  }
}
