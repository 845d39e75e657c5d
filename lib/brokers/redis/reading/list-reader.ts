import { isUtf8 } from 'node:buffer';
import type { Json } from '../../../base/json.js';
import type { Batch } from '../../batch.js';
import type { RedisCommand } from '../client/redis-client.js';
import { allWorkSince, type SteadyClient } from '../client/steady-client.js';
import { endElement } from '../entries/end-mark.js';
import { jsonValue } from '../entries/entry-values.js';
import type { AckingReader } from './acking-reader.js';
import type { ListTaking, TakenElement } from './list-taking.js';

export interface ListReaderSetup {
  readonly taking: ListTaking;
  /** Makes a connection for blocking commands. */
  readonly makeWaiting: () => SteadyClient;
  readonly keys: readonly string[];
  readonly raw: boolean;
  /** A blocking command is renewed after this long. Milliseconds. */
  readonly longestWaitMs: number;
  /** The position of the first leftover element. */
  readonly kept: number;
  /** The position of the first element to give: those below were committed, and only not removed. */
  readonly position: number;
  /** The command that keeps the position of the first element that is not removed, as part of a commit. */
  readonly keep: (position: number) => RedisCommand;
  /** Converts a failure. */
  readonly failed: (cause: unknown) => Promise<unknown>;
}

/**
 * Reads lists as one stream, starting with elements that an earlier run had taken and not committed. Elements are taken
 * on demand only.
 */
export class RedisListReader implements AckingReader {
  readonly onlyOnce = true;
  private isBegun = false;
  private isOver = false;
  private next: number;
  /** The position of the first element that is still kept. */
  private kept: number;
  private taking: Promise<unknown> = Promise.resolve();
  private waiting: readonly SteadyClient[] = [];
  /** By list: a wait that has not ended. */
  private readonly waits = new Map<number, Promise<void>>();

  constructor(private readonly setup: ListReaderSetup) {
    this.next = Math.max(setup.position, setup.kept);
    this.kept = setup.kept;
  }

  async read(): Promise<Batch> {
    try {
      while (!this.isOver) {
        const taken = await this.take();
        if (taken.length > 0) return this.batchOf(taken);
        await this.wait();
      }
      return { values: [], first: this.next, mark: null, end: true };
    } catch (cause) {
      throw await this.setup.failed(cause);
    }
  }

  acknowledge(below: number, isOver: boolean): readonly RedisCommand[] {
    // The mark that ends the list comes after its last element.
    const count = below - this.kept + (isOver && this.isOver ? 1 : 0);
    const { taking, keep } = this.setup;
    return count === 0 || !taking.keepsWhatItTakes ? [] : [...taking.removal(count), keep(below)];
  }

  acknowledged(below: number): void {
    this.kept = below;
  }

  answersSince(): number | undefined {
    return allWorkSince([this.setup.taking.client, ...this.waiting]);
  }

  async close(): Promise<void> {
    this.isOver = true;
    for (const client of this.waiting) client.close();
    await this.taking.catch(() => {});
  }

  private take(): Promise<TakenElement[]> {
    const taken = this.isBegun ? this.setup.taking.take() : this.leftovers();
    this.isBegun = true;
    this.taking = taken;
    return taken;
  }

  private async leftovers(): Promise<TakenElement[]> {
    const { taking, position, kept } = this.setup;
    return (await taking.leftovers()).slice(Math.max(0, position - kept));
  }

  /** Waits until one of the lists has an element. */
  private async wait(): Promise<void> {
    const { taking, keys, makeWaiting, longestWaitMs } = this.setup;
    if (this.isOver) return;
    if (this.waiting.length === 0) this.waiting = keys.map(makeWaiting);
    for (const [list, client] of this.waiting.entries()) {
      if (this.waits.has(list)) continue;
      const wait = client.run((connection) => taking.wait(connection, list, longestWaitMs / 1_000));
      const ended = wait.finally(() => this.waits.delete(list));
      // Several may fail; the first one is reported.
      ended.catch(() => {});
      this.waits.set(list, ended);
    }
    await Promise.race(this.waits.values());
  }

  private batchOf(taken: readonly TakenElement[]): Batch {
    const first = this.next;
    const { raw, keys } = this.setup;
    const at = taken.findIndex(({ element }) => element.length === endElement.length && String(element) === endElement);
    const elements = at < 0 ? taken : taken.slice(0, at);
    if (at >= 0) this.isOver = true;
    this.next = first + elements.length;
    const parsed = (element: Buffer): unknown =>
      raw ? element : jsonValue(isUtf8(element) ? String(element) : element);
    const markAt = (index: number): Json => ({ position: first + index });
    return {
      values: elements.map(({ element }) => parsed(element)),
      first,
      mark: markAt(0),
      markAt,
      end: at >= 0,
      origin: (index) => {
        const { element, list } = elements[index] as TakenElement;
        return { key: keys[list] as string, raw: element };
      },
    };
  }
}
