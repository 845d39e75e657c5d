import { randomUUID } from 'node:crypto';
import type { Class } from '../../base/class.js';
import type { Json } from '../../base/json.js';
import type { Logger } from '../../base/logger.js';
import { shownText } from '../../base/shown-text.js';
import { writerOf } from '../../messages/index.js';
import type { LaneName, LaneWriter } from '../broker.js';
import type { CustomOutput } from './custom-output.js';
import type { Outbox, OutboxBatch } from './outbox.js';

/**
 * The number of batches that a lane has begun and, by class, the number of elements of the last one that come again.
 * JSON.
 */
interface WriterMark {
  readonly batches: number;
  readonly again?: Readonly<Record<string, number>>;
}

/** An output of a lane. */
interface NamedOutput extends Pick<CustomOutput, 'sink'> {
  readonly message: Class;
  /** Identifies the output in kept batches. */
  readonly name: string;
}

interface WriterSetting {
  /** This broker keeps the progress. */
  readonly leads: boolean;
  /** Called when the lane has ended, and all its results are with the sinks. */
  readonly onEnd: () => Promise<void>;
  /** Called when another process may have the lane. */
  readonly onTaken: () => void;
  readonly logger: Logger;
}

/** The results of an output that come again and were already given to its sink. */
class RepeatedResults {
  /** Those of a batch that was given again at the start, which are known: the last ones. */
  private texts: readonly string[] = [];

  constructor(
    readonly message: Class,
    public count: number,
  ) {}

  /** These come again as well. */
  add(elements: readonly object[]): void {
    const write = writerOf<any>(this.message);
    this.texts = elements.map((element) => write(element));
    this.count += elements.length;
  }

  /** Takes the next of them. Returns the text that its sink got if it is another one now. */
  differsFrom(element: object): string | undefined {
    const known = this.texts[this.texts.length - this.count--];
    return known === undefined || known === writerOf<any>(this.message)(element) ? undefined : known;
  }
}

/** The maximum number of elements in a batch without progress. */
const mostWithoutProgress = 1_000;

/**
 * Writes results to sinks. Functions and Writables get them as they are produced. Batch sinks get the results of one
 * commit at a time:
 *
 * - If this broker keeps the progress, a batch is kept in the outbox, then committed, then given to the sink
 *   (`deliver`). Later batches in the outbox were never committed, and are dropped.
 * - If another broker keeps the progress, this one does not know when its commit is valid: a batch is kept in the
 *   outbox, then the sink gets it, then it is committed. After a crash in between it is given again, and the results
 *   that are in it, which come again as well, are skipped.
 * - Without a folder, or if every run starts over, batch sinks get results as they are produced, and again after a
 *   crash, under other ids.
 */
export class CustomWriter implements LaneWriter {
  private buffers: object[][];
  private batches: number;
  /** If another broker keeps the progress: the last batch that its commit covers; those up to it are removed. */
  private covered: number;
  /** The last batch in the mark that `flush` returned last. */
  private marked: number;
  /** Per output. */
  private readonly again: readonly RepeatedResults[];
  private hasWarned = false;
  private readonly runId = randomUUID();
  private isClosed = false;
  /** Batches in the outbox that were not given to the sinks yet. */
  private readonly kept: OutboxBatch[] = [];

  private constructor(
    private readonly outputs: readonly NamedOutput[],
    private readonly lane: LaneName,
    private readonly outbox: Outbox | undefined,
    private readonly setting: WriterSetting,
    mark: WriterMark,
  ) {
    this.buffers = outputs.map(() => []);
    this.batches = mark.batches;
    this.covered = mark.batches;
    this.marked = mark.batches;
    const again = new Map(Object.entries(mark.again ?? {}));
    this.again = outputs.map(({ name, message }) => new RepeatedResults(message, again.get(name) ?? 0));
    for (const { sink } of outputs) if (sink.kind === 'direct') sink.open();
  }

  /** Opens the writer, and gives the sinks the batches that an earlier run had committed, or was about to commit. */
  static async open(
    outputs: readonly NamedOutput[],
    lane: LaneName,
    outbox: Outbox | undefined,
    setting: WriterSetting,
    mark: Json | undefined,
  ): Promise<CustomWriter> {
    const from = (mark as WriterMark | undefined) ?? { batches: 0 };
    const writer = new CustomWriter(outputs, lane, outbox, setting, from);
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
    const again = this.again[output]!;
    const isOver = Math.min(again.count, elements.length);
    for (let i = 0; i < isOver; i++) {
      const known = again.differsFrom(elements[i]!);
      if (known !== undefined) this.warnOf(output, known);
    }
    const buffer = this.buffers[output]!;
    for (let i = isOver; i < elements.length; i++) buffer.push(elements[i]!);
  }

  async flush(): Promise<Json> {
    if (this.outbox !== undefined && this.buffers.some((buffer) => buffer.length > 0)) {
      const batch: OutboxBatch = { number: this.batches + 1, elements: this.buffers };
      await this.outbox.keep(batch);
      this.batches = batch.number;
      this.buffers = this.outputs.map(() => []);
      if (this.setting.leads) this.kept.push(batch);
      else await this.deliverBatch(batch);
    }
    await this.removeCovered();
    this.marked = this.batches;
    const again = this.again.flatMap(({ count }, i) => (count > 0 ? [[this.outputs[i]!.name, count] as const] : []));
    return { batches: this.batches, ...(again.length > 0 && { again: Object.fromEntries(again) }) };
  }

  /** Delivers the kept batches to the sinks: the commit that covers them is valid. */
  async deliver(): Promise<void> {
    for (let batch = this.kept.shift(); batch !== undefined; batch = this.kept.shift()) await this.deliverBatch(batch);
  }

  async end(): Promise<void> {}

  async publish(): Promise<void> {
    await this.removeCovered();
    await this.setting.onEnd();
  }

  async close(isTaken = false): Promise<undefined> {
    if (this.isClosed) return;
    this.isClosed = true;
    if (isTaken) this.setting.onTaken();
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
      else if (this.setting.leads) await this.deliverBatch(batch);
      else {
        await this.redeliver(batch);
        isNew = false;
      }
    }
    if (isNew) await outbox.renewId();
  }

  /**
   * Returns whether a kept batch must be written to the sinks: it was committed, or it follows the last batch in another
   * broker's commit.
   */
  private isOwed(number: number): boolean {
    return this.setting.leads ? number <= this.batches : number === this.batches + 1;
  }

  private async redeliver(batch: OutboxBatch): Promise<void> {
    await this.writeToSinks(batch);
    this.batches = batch.number;
    for (const [output, elements] of batch.elements.entries()) this.again[output]!.add(elements);
  }

  /** Which results are missing, or come twice, cannot be known: only their number says where those of a batch end. */
  private warnOf(output: number, known: string): void {
    if (this.hasWarned) return;
    this.hasWarned = true;
    const { name } = this.outputs[output]!;
    this.setting.logger.warn(
      { message: name, lane: this.lane },
      `Results of ${name} that come again are not those that their sink got before the last run ended, for example ${shownText(known, 200)}. ` +
        'As many are left out as the sink got. If their number has changed as well, some are missing or come twice: ' +
        'let results depend on nothing but the elements, and do not skip calls that fail only for a while.',
    );
  }

  private async deliverBatch(batch: OutboxBatch): Promise<void> {
    await this.writeToSinks(batch);
    // Until another broker's commit covers it, it may have to be written again.
    if (this.setting.leads) await this.outbox?.remove(batch.number);
  }

  /**
   * Nothing more is flushed or published unless the other broker's commit of the last mark is valid. A batch that was
   * given again at the start is in none before the first one: if that fails, it must be given once more. When the lane
   * has ended, none may be left: a run that starts over would take it for its own first results.
   */
  private async removeCovered(): Promise<void> {
    const { outbox } = this;
    if (outbox === undefined || this.setting.leads) return;
    for (; this.covered < this.marked; this.covered++) await outbox.remove(this.covered + 1);
  }

  private async writeToSinks({ number, elements }: OutboxBatch): Promise<void> {
    for (const [output, list] of elements.entries()) {
      const { sink } = this.outputs[output]!;
      if (list.length === 0) continue;
      if (sink.kind === 'batches') await sink.write(list, { id: `${this.outbox?.id}-${number}`, lane: this.lane });
      // A function or Writable that replaced a batch sink.
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
