import { randomUUID } from 'node:crypto';
import type { Json } from '../../base/json.js';
import type { LaneName, LaneWriter } from '../broker.js';
import type { CustomOutput } from './custom-output.js';
import type { Outbox, OutboxBatch } from './outbox.js';

/** How many batches a lane has begun, and how many elements of the last one come again, by class. JSON. */
interface WriterMark {
  readonly batches: number;
  readonly again?: Readonly<Record<string, number>>;
}

/** What a lane writes to. */
interface NamedOutput extends Pick<CustomOutput, 'sink'> {
  /** By this it is found again in what is kept. */
  readonly name: string;
}

/** Without progress, a batch has at most this many elements. */
const mostWithoutProgress = 1_000;

/**
 * Writes results to sinks. Functions and Writables get them as they come. Batch sinks get those of a commit at a time:
 *
 * - Where this broker keeps the progress, a batch is kept in the outbox, then the commit says so, then the sink gets it
 *   (`deliver`). What the outbox holds beyond the commit never was in one, and is dropped.
 * - If another broker keeps the progress, nothing says when its commit is valid: a batch is kept in the outbox, then the
 *   sink gets it, then it is committed. After a crash in between it is given again, and the results that are in it, which
 *   come again as well, are skipped.
 * - Without a folder they get results as they come, and again after a crash, under other ids.
 */
export class CustomWriter implements LaneWriter {
  private buffers: object[][];
  private batches: number;
  /** Per output: results that come again and were given to its sink. */
  private again: number[];
  private readonly runId = randomUUID();
  private isClosed = false;
  /** Kept in the outbox, and not given yet. */
  private readonly kept: OutboxBatch[] = [];

  private constructor(
    private readonly outputs: readonly NamedOutput[],
    private readonly lane: LaneName,
    private readonly outbox: Outbox | undefined,
    private readonly leads: boolean,
    mark: WriterMark,
  ) {
    this.buffers = outputs.map(() => []);
    this.batches = mark.batches;
    const again = new Map(Object.entries(mark.again ?? {}));
    this.again = outputs.map(({ name }) => again.get(name) ?? 0);
    for (const { sink } of outputs) if (sink.kind === 'direct') sink.open();
  }

  /** Writes to the sinks what a run before this one had committed, or was about to. */
  static async open(
    outputs: readonly NamedOutput[],
    lane: LaneName,
    outbox: Outbox | undefined,
    leads: boolean,
    mark: Json | undefined,
  ): Promise<CustomWriter> {
    const writer = new CustomWriter(outputs, lane, outbox, leads, (mark as WriterMark | undefined) ?? { batches: 0 });
    try {
      await writer.recover();
      return writer;
    } catch (error) {
      await writer.close();
      throw error;
    }
  }

  write(output: number, elements: readonly object[]): void | Promise<void> {
    const { sink } = this.outputs[output]!;
    if (sink.kind === 'direct') return sink.write(elements);
    if (this.outbox === undefined) return this.giveInParts(output, elements);
    const isOver = Math.min(this.again[output]!, elements.length);
    this.again[output]! -= isOver;
    const buffer = this.buffers[output]!;
    for (let i = isOver; i < elements.length; i++) buffer.push(elements[i]!);
  }

  async flush(): Promise<Json> {
    if (this.outbox !== undefined && this.buffers.some((buffer) => buffer.length > 0)) {
      const batch: OutboxBatch = { number: this.batches + 1, elements: this.buffers };
      await this.outbox.keep(batch);
      this.batches = batch.number;
      this.buffers = this.outputs.map(() => []);
      if (this.leads) this.kept.push(batch);
      else await this.give(batch);
    }
    const again = this.again.flatMap((count, i) => (count > 0 ? [[this.outputs[i]!.name, count] as const] : []));
    return { batches: this.batches, ...(again.length > 0 && { again: Object.fromEntries(again) }) };
  }

  /** The commit that names them holds: the sinks get the batches that were kept before it. */
  async deliver(): Promise<void> {
    for (let batch = this.kept.shift(); batch !== undefined; batch = this.kept.shift()) await this.give(batch);
  }

  async end(): Promise<void> {}

  async publish(): Promise<void> {
    for (const { sink } of this.outputs) await sink.end();
  }

  async close(): Promise<undefined> {
    if (this.isClosed) return;
    this.isClosed = true;
    for (const { sink } of this.outputs) if (sink.kind === 'direct') sink.close();
    await this.outbox?.close();
  }

  private async recover(): Promise<void> {
    const { outbox } = this;
    if (outbox === undefined) return;
    let isNew = this.batches === 0;
    for (const number of await outbox.numbers()) {
      const batch = this.isOwed(number) ? await outbox.read(number) : undefined;
      if (batch === undefined) await outbox.remove(number);
      else if (this.leads) await this.give(batch);
      else {
        await this.giveAgain(batch);
        isNew = false;
      }
    }
    if (isNew) await outbox.renewId();
  }

  /** Whether a kept batch must be written: it was committed, or it follows what another broker has committed. */
  private isOwed(number: number): boolean {
    return this.leads ? number <= this.batches : number === this.batches + 1;
  }

  private async giveAgain(batch: OutboxBatch): Promise<void> {
    await this.giveToSinks(batch);
    this.batches = batch.number;
    this.again = this.again.map((count, output) => count + (batch.elements[output]?.length ?? 0));
  }

  private async give(batch: OutboxBatch): Promise<void> {
    await this.giveToSinks(batch);
    // Until another broker's commit names it, it may have to be given again.
    if (this.leads) await this.outbox?.remove(batch.number);
    else await this.outbox?.remove(batch.number - 1);
  }

  private async giveToSinks({ number, elements }: OutboxBatch): Promise<void> {
    for (const [output, list] of elements.entries()) {
      const { sink } = this.outputs[output]!;
      if (list.length === 0) continue;
      if (sink.kind === 'batches') await sink.write(list, { id: `${this.outbox?.id}-${number}`, lane: this.lane });
      // It has taken the place of a batch sink.
      else await sink.write(list);
    }
  }

  private async giveInParts(output: number, elements: readonly object[]): Promise<void> {
    const { sink } = this.outputs[output]!;
    if (sink.kind !== 'batches') return;
    for (let from = 0; from < elements.length; from += mostWithoutProgress) {
      const part = elements.slice(from, from + mostWithoutProgress);
      await sink.write(part, { id: `${this.runId}-${++this.batches}`, lane: this.lane });
    }
  }
}
