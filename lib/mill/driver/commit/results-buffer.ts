import type { LaneWriter } from '../../../brokers/broker.js';
import { letterSourceOf, noteLetterSource } from '../../../brokers/letter-source.js';
import { copierOf } from '../../../messages/copy.js';
import type { PlanOutput } from '../../plan/plan.js';
import type { TakeResult } from '../../process/call-given.js';
import type { CallResults } from '../calls/call-results.js';

const nowhere: unknown[] = [];

/**
 * The results of a lane on their way to the writer: kept per output until a batch is worth handing over, and the results
 * of a call until it is done, so that a call that fails has written nothing. What is kept is what the writer has made of
 * an element: what becomes of the element afterwards changes nothing.
 */
export class ResultsBuffer implements CallResults {
  /** Elements handed over, per output. */
  readonly written: number[];
  /** Those of them that were made safe, and whose place was committed where the broker remembers it. */
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

  /** Takes one result of the call in progress. */
  readonly emit = (output: number, element: object): void => this.add(output, this.take(output, element));

  /** The form in which a result is kept, as it is now. */
  readonly take = (output: number, element: object): unknown => (this.takers[output] as TakeResult)(element);

  /** Adds what was taken of a result. */
  readonly add = (output: number, taken: unknown): void => {
    (this.pending[output] as unknown[]).push(taken);
  };

  /** Where the results for an output are collected, until they are handed over. */
  listOf(output: number): unknown[] {
    return this.pending[output] ?? nowhere;
  }

  /** The form in which a result for an output is kept. */
  takerOf(output: number): TakeResult {
    return this.takers[output] ?? ((element) => element);
  }

  callBegins(): void {
    for (let i = 0; i < this.pending.length; i++) this.atCallStart[i] = (this.pending[i] as unknown[]).length;
  }

  /** Takes back what the call in progress gave. */
  callFailed(): void {
    for (let i = 0; i < this.pending.length; i++) (this.pending[i] as unknown[]).length = this.atCallStart[i] as number;
  }

  get isEmpty(): boolean {
    return this.pending.every((elements) => elements.length === 0);
  }

  /** All results handed over so far are safe. */
  madeSafe(): void {
    this.safe = this.written.slice();
  }

  /** Forgets what was not handed over. */
  drop(): void {
    for (const elements of this.pending) elements.length = 0;
  }

  /** Hands everything to the writer; a promise is its back-pressure. */
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

/** For a writer that keeps elements: they are copied, and a dead letter stays one. */
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
