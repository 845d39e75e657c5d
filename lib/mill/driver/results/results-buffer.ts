import type { LaneWriter } from '../../../brokers/broker.js';
import { letterSourceOf, noteLetterSource } from '../../../brokers/letter-source.js';
import { copierOf } from '../../../messages/copy.js';
import type { PlanOutput } from '../../plan/plan.js';
import type { TakeResult } from '../../process/call-given.js';
import type { CallResults } from './call-results.js';

const nowhere: unknown[] = [];

/**
 * Buffers the results of a lane before the writer: per output until a batch is large enough to hand over, and per call
 * until it is done, so that a failed call writes nothing. Results are kept in the writer's form, so that later changes
 * of an element have no effect.
 */
export class ResultsBuffer implements CallResults {
  /** The number of elements handed over, per output. */
  readonly written: number[];
  /** The number of elements that are safe, per output; if the broker remembers positions, with those committed. */
  safe: readonly number[];
  private readonly takers: readonly TakeResult[];
  private readonly pending: unknown[][];
  private readonly atCallStart: number[];

  constructor(
    private readonly writer: LaneWriter,
    outputs: readonly PlanOutput[],
  ) {
    this.takers = outputs.map((output, i) => writer.takerOf?.(i) ?? copying(output));
    this.written = outputs.map(() => 0);
    this.safe = this.written.slice();
    this.atCallStart = outputs.map(() => 0);
    this.pending = outputs.map(() => []);
  }

  /** Adds one result of the call in progress. */
  readonly emit = (output: number, element: object): void => this.add(output, this.take(output, element));

  /** Converts a result to the form in which it is kept. */
  readonly take = (output: number, element: object): unknown => (this.takers[output] as TakeResult)(element);

  /** Adds a converted result. */
  readonly add = (output: number, taken: unknown): void => {
    (this.pending[output] as unknown[]).push(taken);
  };

  /** The list that collects the results for an output until they are handed over. */
  listOf(output: number): unknown[] {
    return this.pending[output] ?? nowhere;
  }

  /** The function that converts results for an output. */
  takerOf(output: number): TakeResult {
    return this.takers[output] ?? ((element) => element);
  }

  callBegins(): void {
    for (let i = 0; i < this.pending.length; i++) this.atCallStart[i] = (this.pending[i] as unknown[]).length;
  }

  /** Drops the results of the call in progress. */
  callFailed(): void {
    for (let i = 0; i < this.pending.length; i++) (this.pending[i] as unknown[]).length = this.atCallStart[i] as number;
  }

  get isEmpty(): boolean {
    return this.pending.every((elements) => elements.length === 0);
  }

  /** Marks all results handed over so far as safe. */
  madeSafe(): void {
    this.safe = this.written.slice();
  }

  /** Drops the results that were not handed over. */
  drop(): void {
    for (const elements of this.pending) elements.length = 0;
  }

  /** Hands all results to the writer. The returned promise is its back-pressure. */
  handOver(): Promise<unknown> | undefined {
    let pressure: Promise<unknown> | undefined;
    for (let output = 0; output < this.pending.length; output++) {
      const taken = this.pending[output] as unknown[];
      if (taken.length === 0) continue;
      this.pending[output] = [];
      this.written[output] = (this.written[output] as number) + taken.length;
      const written = this.write(output, taken);
      if (written !== undefined) pressure = pressure === undefined ? written : Promise.all([pressure, written]);
    }
    return pressure;
  }

  private write(output: number, taken: readonly unknown[]): void | Promise<void> {
    const { writer } = this;
    if (writer.takerOf === undefined || writer.writeTaken === undefined) {
      return writer.write(output, taken as readonly object[]);
    }
    return writer.writeTaken(output, taken);
  }
}

/** For a writer that keeps elements: copies them. The copy of a dead letter keeps its source. */
function copying({ message, takesLetters }: PlanOutput): TakeResult {
  const copy = copierOf(message);
  if (takesLetters !== true) return copy;
  return (element) => {
    const made = copy(element);
    const source = letterSourceOf(element);
    if (source !== undefined) noteLetterSource(made, source);
    return made;
  };
}
