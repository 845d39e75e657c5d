import type { Clock } from '../../../base/clock.js';
import type { Json } from '../../../base/json.js';
import type { Batch } from '../../batch.js';
import type { RedisCommand } from '../client/redis-client.js';
import { allWorkSince, type SteadyClient } from '../client/steady-client.js';
import { isEndMark } from '../entries/end-mark.js';
import { timeOfId } from '../entries/entry-id.js';
import { type EntryParser, entryBytes } from '../entries/entry-values.js';
import type { Entry } from '../entries/undecodable-texts.js';
import type { GroupPlace } from '../options/places.js';
import type { AckingReader } from './acking-reader.js';
import { DeliveredMessages } from './delivered-messages.js';
import type { GroupConsumer, PendingMessage } from './group-consumer.js';

export interface GroupReaderSetup {
  readonly consumer: GroupConsumer;
  readonly place: GroupPlace;
  readonly parse: EntryParser;
  /** Makes a connection for blocking commands. */
  readonly makeWaiting: () => SteadyClient;
  /** A blocking command is renewed after this long. Milliseconds. */
  readonly longestWaitMs: number;
  readonly clock: Clock;
  /** Aborted when the run is asked to stop: nothing more is taken. */
  readonly signal: AbortSignal;
  /** The position of the first message that was never delivered. */
  readonly position: number;
  /** The positions of messages that an earlier run gave, by stream and id. */
  readonly kept: ReadonlyMap<string, number>;
  /** The command that keeps the messages delivered and not acknowledged, as part of a commit. */
  readonly keep: (text: string) => RedisCommand;
  /** Makes a dead letter of a message, and acknowledges the message. */
  readonly bury: (message: PendingMessage, entry: Entry, position: number) => Promise<void>;
  /** Reports a message that was deleted or trimmed before it was processed. */
  readonly gone: (message: PendingMessage) => void;
  /** Converts a failure. */
  readonly failed: (cause: unknown) => Promise<unknown>;
}

/**
 * Reads the messages of one consumer of a group. Messages that were delivered before come first, one by one, each
 * committed before the next: so only a message that crashes the process has an increasing number of deliveries.
 */
export class RedisGroupReader implements AckingReader {
  readonly onlyOnce = true;
  readonly finishes = true;
  private readonly delivered = new DeliveredMessages();
  private again: PendingMessage[] = [];
  private next: number;
  /** The position after the last message that was delivered. */
  private passed = 0;
  private isBegun = false;
  private isOver = false;
  private isUncommitted = false;
  private lookAt = 0;
  private waiting: SteadyClient | undefined;
  private cancelLife: () => void = () => {};
  private reading: Promise<unknown> = Promise.resolve();
  /** Ends the wait of a pending read. */
  private wake: () => void = () => {};
  private readonly stopWaiting = (): void => {
    this.waiting?.close();
    this.wake();
  };

  constructor(private readonly setup: GroupReaderSetup) {
    this.next = Math.max(setup.position, ...[...setup.kept.values()].map((position) => position + 1));
    setup.signal.addEventListener('abort', this.stopWaiting, { once: true });
  }

  read(): Promise<Batch> {
    const read = this.nextBatch();
    this.reading = read.catch(() => {});
    return read;
  }

  awaitsCommit(): boolean {
    return this.isUncommitted;
  }

  acknowledge(below: number, isOver: boolean): readonly RedisCommand[] {
    const limit = isOver ? Number.POSITIVE_INFINITY : below;
    const { consumer, keep } = this.setup;
    if (this.delivered.count === 0) return [];
    return [...consumer.acknowledgement(this.delivered.below(limit)), keep(this.delivered.textFrom(limit))];
  }

  acknowledged(below: number): void {
    this.delivered.forgetBelow(below);
    this.isUncommitted = false;
    this.wake();
  }

  answersSince(): number | undefined {
    const { client } = this.setup.consumer;
    return allWorkSince(this.waiting === undefined ? [client] : [client, this.waiting]);
  }

  async close(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    this.setup.signal.removeEventListener('abort', this.stopWaiting);
    this.stopWaiting();
    this.cancelLife();
    await this.reading;
    await this.setup.consumer.leave().catch(() => {});
  }

  private get isStopped(): boolean {
    return this.isOver || this.setup.signal.aborted;
  }

  private untilWoken(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
    });
  }

  private async nextBatch(): Promise<Batch> {
    try {
      if (!this.isBegun) await this.begin();
      while (!this.isStopped) {
        if (this.isUncommitted) await this.untilWoken();
        else {
          const batch = (await this.redelivered()) ?? (await this.fetched());
          if (batch !== undefined) return batch;
          const { consumer } = this.setup;
          // Messages that may have been missed come first.
          if (consumer.mayHaveMissed) continue;
          if (await consumer.isOver()) return this.empty(true);
          await this.wait();
        }
      }
      return this.empty(false);
    } catch (cause) {
      if (this.isStopped) return this.empty(false);
      throw await this.setup.failed(cause);
    }
  }

  /** Starts with the messages that were delivered at a position, in that order. */
  private async begin(): Promise<void> {
    this.isBegun = true;
    const { consumer, kept } = this.setup;
    await consumer.join();
    this.keepAlive();
    const positionOf = ({ list, id }: PendingMessage) => kept.get(`${list} ${id}`) ?? Number.POSITIVE_INFINITY;
    const pending = await consumer.pending();
    const known = pending.filter((message) => positionOf(message) < Number.POSITIVE_INFINITY);
    const unknown = pending.filter((message) => positionOf(message) === Number.POSITIVE_INFINITY);
    this.again = [...known.sort((a, b) => positionOf(a) - positionOf(b)), ...unknown];
  }

  private keepAlive(): void {
    const { clock, place, consumer } = this.setup;
    const later = (): void => {
      if (!this.isOver) this.keepAlive();
    };
    // If the command cannot reach the server, commands whose answers are needed will fail.
    this.cancelLife = clock.setTimer(place.claimAfterMs / 3, () => void consumer.sendHeartbeat().then(later, later));
  }

  /** The next message that was delivered before, if there is one. */
  private async redelivered(): Promise<Batch | undefined> {
    const { consumer, place, clock, bury, gone, kept } = this.setup;
    if (consumer.mayHaveMissed) {
      consumer.mayHaveMissed = false;
      const isKnown = ({ list, id }: PendingMessage) =>
        this.delivered.has(list, id) || this.again.some((each) => each.list === list && each.id === id);
      this.again.push(...(await consumer.pending()).filter((message) => !isKnown(message)));
    }
    if (clock.now() >= this.lookAt) {
      this.lookAt = clock.now() + place.claimAfterMs / 3;
      this.again.push(...(await consumer.claim()));
    }
    for (let message = this.again.shift(); message !== undefined && !this.isStopped; message = this.again.shift()) {
      const before = kept.get(`${message.list} ${message.id}`);
      const position = before !== undefined && before >= this.passed ? before : this.next;
      const isLast = message.deliveries >= place.maxDeliveries;
      const entry = await (isLast ? consumer.look(message) : consumer.deliver(message));
      if (entry === undefined || isEndMark(entry[1])) {
        if (entry === undefined) gone(message);
        await consumer.acknowledge([message]);
      } else if (isLast) {
        await bury(message, entry, position);
      } else {
        this.isUncommitted = true;
        return this.batchOf([{ list: message.list, entry }], position, message.deliveries + 1);
      }
    }
    return undefined;
  }

  private async fetched(): Promise<Batch | undefined> {
    const { consumer, place } = this.setup;
    if (this.isStopped) return undefined;
    // If a single delivery is the limit, a message must not be delivered only because of its neighbours.
    const isSingle = place.maxDeliveries === 1;
    const found = await consumer.fetch(isSingle ? 1 : place.count);
    const all = found.flatMap(({ list, entries }) => entries.map((entry) => ({ list, entry })));
    const marks = all.filter(({ entry }) => isEndMark(entry[1]));
    await consumer.acknowledge(marks.map(({ list, entry }) => ({ list, id: entry[0], deliveries: 1 })));
    const messages = all.filter(({ entry }) => !isEndMark(entry[1]));
    if (messages.length === 0) return undefined;
    this.isUncommitted = isSingle;
    return this.batchOf(messages, this.next, 1);
  }

  private batchOf(
    messages: readonly { readonly list: number; readonly entry: Entry }[],
    first: number,
    deliveries: number,
  ): Batch {
    const { parse, place } = this.setup;
    for (const [i, { list, entry }] of messages.entries())
      this.delivered.add({ list, id: entry[0], position: first + i });
    this.passed = first + messages.length;
    this.next = Math.max(this.next, this.passed);
    const markAt = (index: number): Json => ({ position: first + index });
    return {
      values: messages.map(({ entry }) => parse(entry[1])),
      first,
      mark: markAt(0),
      markAt,
      end: false,
      origin: (index) => {
        const { list, entry } = messages[index]!;
        const [id, fields] = entry;
        return { id, timestamp: timeOfId(id), key: place.keys[list] as string, deliveries, raw: entryBytes(fields) };
      },
    };
  }

  private empty(end: boolean): Batch {
    return { values: [], first: this.next, mark: { position: this.next }, end };
  }

  /** Waits for a new message, or until it is time to claim messages of others. */
  private async wait(): Promise<void> {
    const { consumer, place, makeWaiting, longestWaitMs, clock } = this.setup;
    if (this.isStopped) return;
    this.waiting ??= makeWaiting();
    const after = await consumer.lastDelivered();
    const ms = Math.min(1_000, longestWaitMs, Math.max(1, Math.ceil(this.lookAt - clock.now())));
    await this.waiting.send(['XREAD', 'COUNT', '1', 'BLOCK', String(ms), 'STREAMS', ...place.keys, ...after]);
  }
}
