import { randomUUID } from 'node:crypto';
import type { Class } from '../../base/class.js';
import type { Json } from '../../base/json.js';
import type { Logger } from '../../base/logger.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { LaneName, LaneWriter } from '../broker.js';
import type { CustomOutput } from './custom-output.js';
import type { Outbox, OutboxBatch } from './outbox.js';

/** The batches that a commit covers. JSON. */
interface WriterMark {
  /** The id of their outbox. */
  readonly outbox: string;
  /** The number of batches. */
  readonly batches: number;
  /** The names of the last ones, if their sinks may not have them yet. */
  readonly owed?: readonly string[];
}

/** Returns whether the sinks may not have all results that the commit of this mark covers. */
export function owesResults(mark: Json | undefined): boolean {
  return (mark as WriterMark | undefined)?.owed !== undefined;
}

/** An output of a lane. */
interface LaneOutput extends Pick<CustomOutput, 'sink'> {
  readonly message: Class;
}

interface WriterSetting {
  /** Called when the lane has ended, and all its results are with the sinks. */
  readonly onEnd: () => Promise<void>;
  /** Called when another process may have the lane. */
  readonly onTaken: () => void;
  readonly logger: Logger;
}

/** The maximum number of elements in a batch without progress. */
const mostWithoutProgress = 1_000;

/**
 * Writes results to sinks. Functions and Writables get them as they are produced. Batch sinks get the results of one
 * commit at a time:
 *
 * - A batch is kept in the outbox (`flush`), then committed, then given to the sinks and removed (`committed`). So what
 *   a sink gets is what the commit says, whichever broker keeps it: after a crash, batches that it covers are given
 *   again, and others, which no sink has, are dropped; their results come again or come otherwise.
 * - Without a folder, or if every run starts over, batch sinks get results as they are produced, and again after a
 *   crash, under other ids.
 */
export class CustomWriter implements LaneWriter {
  private buffers: object[][];
  private batches: number;
  private readonly runId = randomUUID();
  private isClosed = false;
  /** Batches in the outbox that were not given to the sinks yet. */
  private owed: OutboxBatch[] = [];

  private constructor(
    private readonly outputs: readonly LaneOutput[],
    private readonly lane: LaneName,
    private readonly outbox: Outbox | undefined,
    private readonly setting: WriterSetting,
    /** The mark of the commit from which the lane continues. */
    private readonly from: WriterMark | undefined,
  ) {
    this.buffers = outputs.map(() => []);
    this.batches = from?.batches ?? 0;
    for (const { sink } of outputs) if (sink.kind === 'direct') sink.open();
  }

  /** Opens the writer, and gives the sinks the batches that an earlier run had committed. */
  static async open(
    outputs: readonly LaneOutput[],
    lane: LaneName,
    outbox: Outbox | undefined,
    setting: WriterSetting,
    mark: Json | undefined,
  ): Promise<CustomWriter> {
    const writer = new CustomWriter(outputs, lane, outbox, setting, mark as WriterMark | undefined);
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
    const buffer = this.buffers[output]!;
    for (const element of elements) buffer.push(element);
  }

  async flush(): Promise<Json | undefined> {
    const { outbox } = this;
    if (outbox !== undefined && this.buffers.some((buffer) => buffer.length > 0)) {
      this.owed.push(await outbox.keep(this.batches + 1, this.buffers));
      this.batches++;
      this.buffers = this.outputs.map(() => []);
    }
    return this.mark;
  }

  async committed(): Promise<Json | undefined> {
    if (this.owed.length === 0) return undefined;
    for (const batch of this.owed) await this.deliver(batch);
    this.owed = [];
    return this.mark;
  }

  async end(): Promise<void> {}

  async publish(): Promise<void> {
    await this.setting.onEnd();
  }

  async close(isTaken = false): Promise<undefined> {
    if (this.isClosed) return;
    this.isClosed = true;
    if (isTaken) this.setting.onTaken();
    for (const { sink } of this.outputs) if (sink.kind === 'direct') sink.close();
    await this.outbox?.close();
  }

  private get mark(): Json | undefined {
    const { outbox, batches, owed } = this;
    if (outbox === undefined) return undefined;
    return { outbox: outbox.id, batches, ...(owed.length > 0 && { owed: owed.map(({ name }) => name) }) };
  }

  private async recover(): Promise<void> {
    const { outbox, from } = this;
    const owed = from?.owed ?? [];
    if (outbox === undefined) {
      if (owed.length > 0) this.warnOfOwed();
      return;
    }
    const isSame = from?.outbox === outbox.id;
    if (!isSame && owed.length > 0) throw this.isElsewhere(outbox);
    for (const name of await outbox.names()) if (!owed.includes(name)) await outbox.remove(name);
    for (const name of owed) {
      const batch = await outbox.read(name);
      if (batch !== undefined) await this.deliver(batch);
    }
    if (isSame) return;
    this.batches = 0;
    await outbox.renewId();
  }

  private async deliver(batch: OutboxBatch): Promise<void> {
    await this.writeToSinks(batch);
    await this.outbox?.remove(batch.name);
  }

  private get sinkNames(): string {
    return this.outputs.map(({ message }) => message.name).join(' and ');
  }

  private warnOfOwed(): void {
    this.setting.logger.warn(
      { message: this.sinkNames, lane: this.lane },
      `The last results of ${this.sinkNames} before the crash may not have reached their sinks, and this mill has no \`progress\` folder to give them from: they are not repeated`,
    );
  }

  private isElsewhere({ folder, id }: Outbox): WaterMillError {
    return new WaterMillError(
      'WM_OUTPUT_CHANGED',
      `The last commit of lane ${this.lane} covers results of ${this.sinkNames} that may not have reached their sinks, and they are not in ${folder}: it is not the folder of the run that ended. ` +
        'Give `progress` the folder that it had; all processes that may own the lane must share it. ' +
        'If it is lost, run once without `progress`: the mill then continues without these results.',
      { stream: folder, lane: this.lane, expected: `outbox ${this.from?.outbox}`, found: `outbox ${id}` },
    );
  }

  private async writeToSinks({ name, elements }: OutboxBatch): Promise<void> {
    for (const [output, list] of elements.entries()) {
      const { sink } = this.outputs[output]!;
      if (list.length === 0) continue;
      if (sink.kind === 'batches') await sink.write(list, { id: `${this.outbox?.id}-${name}`, lane: this.lane });
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
