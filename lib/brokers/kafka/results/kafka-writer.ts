import { isWaterMillError } from '../../../base/watermill-error.js';
import type { LaneWriter } from '../../broker.js';
import { type ReadyRequest, RequestSender } from '../../request-sender.js';
import type { KafkaProducer, KafkaRecord, OutgoingRecord, TopicLimits, TopicOffset } from '../client.js';
import { endMark, isEndMark } from './end-mark.js';
import { batchOverhead, mostRecordBytes } from './record-size.js';
import type { RecordMaker } from './result-records.js';
import { sendInHalves } from './send-in-halves.js';

/**
 * A request costs as much as a few hundred records. More records per request cost memory and delay the first of them.
 */
const recordsPerSend = 2_000;
/** The default limit of a topic; more bytes cost memory. */
const bytesPerSend = 1_048_588;
/** The number of queued records beyond which the caller of `write` has to wait. */
const mostQueued = 8_000;

/** One topic that a lane writes to. */
export interface KafkaTarget {
  readonly topic: string;
  readonly partitions: number;
  /** Several lanes write to each of its partitions. */
  readonly isShared: boolean;
  readonly record: RecordMaker;
  /** The name of the result class. */
  readonly message: string;
  readonly limits: TopicLimits;
}

export interface WriterSetup {
  readonly producer: KafkaProducer;
  readonly targets: readonly KafkaTarget[];
  /** The partition of the lane. */
  readonly partition: number;
  /** Records sent between two commits are part of the transaction of the second. */
  readonly transactional: boolean;
  /** Called only for a partition that an earlier process may have ended. */
  readonly lastRecord: (topic: string, partition: number) => Promise<KafkaRecord | undefined>;
  /** Writes the end marks. Called when the lane is over and its last results are safe. */
  readonly publish: (writer: KafkaWriter) => Promise<void>;
  /** Called when the writer is closed. */
  readonly closed?: () => Promise<void>;
  /** Converts a failure of the client. */
  readonly failed: (cause: unknown, what: string, topic?: string) => Error;
}

/** The requests for one partition of a topic, in order. */
interface Queue {
  readonly target: KafkaTarget;
  readonly requests: Request[];
  /** The maximum number of bytes in a request. */
  readonly most: number;
  /** Records up to this size may be sent whatever their number. */
  readonly small: number;
}

interface Request {
  readonly records: OutgoingRecord[];
  /** An upper bound of its size. */
  bytes: number;
}

/** Writes the results of a lane, one request at a time. Each is for one partition, so none succeeds partly. */
export class KafkaWriter implements LaneWriter {
  /** By output and partition. */
  private readonly queues: Queue[][];
  /** The same queues, in the order of their first records; they take turns. */
  private readonly turns: Queue[] = [];
  private readonly sender = new RequestSender(mostQueued, () => this.takeRequest());
  private inTransaction = false;
  private closed = false;
  /** The lane ended in this process, so no other process can have written its end marks. */
  private hasEnded = false;

  constructor(private readonly setup: WriterSetup) {
    this.queues = setup.targets.map(() => []);
  }

  write(output: number, elements: readonly object[]): void | Promise<void> {
    return this.writeTaken(output, elements.map(this.takerOf(output)));
  }

  takerOf(output: number): (element: object) => OutgoingRecord {
    const { record } = this.setup.targets[output]!;
    const { partition } = this.setup;
    return (element) => record(element, partition);
  }

  writeTaken(output: number, records: readonly OutgoingRecord[]): void | Promise<void> {
    for (let i = 0; i < records.length; i++) this.append(output, records[i] as OutgoingRecord);
    this.sender.add(records.length);
    return this.sender.send();
  }

  async flush(): Promise<undefined> {
    await this.sender.flush();
  }

  /** The marks are written by `publish`, after a commit after which nothing is repeated. */
  async end(): Promise<void> {
    this.hasEnded = true;
  }

  publish(): Promise<void> {
    return this.setup.publish(this);
  }

  /** Writes an end mark to the lane's partition of every output that only this lane writes to, unless it exists. */
  async writeEndMarks(): Promise<void> {
    for (const [output, { isShared }] of this.setup.targets.entries()) {
      if (!isShared) await this.writeEndMark(output, this.setup.partition);
    }
    await this.flush();
  }

  /** Writes an end mark to every partition of the outputs that several lanes write to, unless it exists. */
  async writeSharedEndMarks(): Promise<void> {
    for (const [output, { isShared, partitions }] of this.setup.targets.entries()) {
      for (let partition = 0; isShared && partition < partitions; partition++) {
        await this.writeEndMark(output, partition);
      }
    }
    await this.flush();
  }

  private async writeEndMark(output: number, partition: number): Promise<void> {
    const { topic, limits } = this.setup.targets[output]!;
    if (await this.isMarked(topic, partition)) return;
    this.append(output, endMark(partition, limits));
    this.sender.add(1);
  }

  /**
   * Returns whether there is a valid mark: one that a process wrote before it crashed. In a transaction it is valid
   * only with the commit.
   */
  private async isMarked(topic: string, partition: number): Promise<boolean> {
    if (this.hasEnded || this.setup.transactional) return false;
    const last = await this.setup.lastRecord(topic, partition);
    return last !== undefined && isEndMark(last);
  }

  /**
   * Commits the flushed records together with the lane's offsets, and with those that `send` adds first. Only for a
   * transactional writer.
   */
  async commit(
    group: string,
    offsets: readonly TopicOffset[],
    first?: (producer: KafkaProducer) => Promise<void>,
  ): Promise<void> {
    await this.begin();
    await first?.(this.setup.producer);
    await this.setup.producer.commit(group, offsets);
    this.inTransaction = false;
  }

  /** Drops queued results: they were never promised. */
  async close(): Promise<undefined> {
    if (this.closed) return;
    this.closed = true;
    for (const { requests } of this.turns) requests.length = 0;
    await this.sender.close();
    // If this fails, the next process that opens the lane ends the transaction.
    if (this.inTransaction) await this.setup.producer.abort().catch(() => {});
    this.inTransaction = false;
    await this.setup.closed?.();
  }

  private append(output: number, record: OutgoingRecord): void {
    const { requests, most, small } = this.queueOf(output, record.partition);
    const bytes = mostRecordBytes(record, small);
    const last = requests.at(-1);
    if (last === undefined || last.records.length >= recordsPerSend || last.bytes + bytes > most) {
      requests.push({ records: [record], bytes: batchOverhead + bytes });
    } else {
      last.records.push(record);
      last.bytes += bytes;
    }
  }

  private queueOf(output: number, partition: number): Queue {
    const queues = this.queues[output]!;
    let queue = queues[partition];
    if (queue === undefined) {
      const target = this.setup.targets[output]!;
      const most = Math.min(bytesPerSend, target.limits.maxBytes ?? bytesPerSend);
      queue = { target, requests: [], most, small: Math.floor((most - batchOverhead) / recordsPerSend) };
      queues[partition] = queue;
      this.turns.push(queue);
    }
    return queue;
  }

  private takeRequest(): ReadyRequest | undefined {
    const at = this.turns.findIndex(({ requests }) => requests.length > 0);
    if (at < 0) return undefined;
    const { target, requests } = this.turns[at]!;
    this.turns.push(...this.turns.splice(0, at + 1));
    const { records } = requests.shift()!;
    return { size: records.length, send: () => this.send(target, records) };
  }

  private async send({ topic, message, limits }: KafkaTarget, records: OutgoingRecord[]): Promise<Error | undefined> {
    try {
      await this.begin();
      await sendInHalves(this.setup.producer, { topic, message, maxBytes: limits.maxBytes }, records);
      return undefined;
    } catch (cause) {
      // A result that is too large.
      if (isWaterMillError(cause)) return cause;
      return this.setup.failed(cause, `writing ${records.length} results to ${topic}`, topic);
    }
  }

  private async begin(): Promise<void> {
    if (!this.setup.transactional || this.inTransaction) return;
    await this.setup.producer.begin();
    this.inTransaction = true;
  }
}
