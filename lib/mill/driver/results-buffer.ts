import type { LaneWriter } from '../../brokers/broker.js';
import type { CallResults } from './call-results.js';

const nowhere: object[] = [];

/**
 * The results of a lane on their way to the writer: kept per output until a batch is worth handing over, and the results
 * of a call until it is done, so that a call that fails has written nothing.
 */
export class ResultsBuffer implements CallResults {
  /** Elements handed over, per output. */
  readonly written: number[];
  private readonly pending: object[][];
  private readonly atCallStart: number[];

  constructor(
    private readonly writer: LaneWriter,
    outputs: number,
  ) {
    this.written = new Array(outputs).fill(0);
    this.atCallStart = new Array(outputs).fill(0);
    this.pending = Array.from({ length: outputs }, () => []);
  }

  /** Takes one result of the call in work. */
  readonly emit = (output: number, element: object): void => {
    (this.pending[output] as object[]).push(element);
  };

  /** Where the results for an output are collected, until they are handed over. */
  listOf(output: number): object[] {
    return this.pending[output] ?? nowhere;
  }

  callBegins(): void {
    for (let i = 0; i < this.pending.length; i++) this.atCallStart[i] = (this.pending[i] as object[]).length;
  }

  /** Takes back what the call in work gave. */
  callFailed(): void {
    for (let i = 0; i < this.pending.length; i++) (this.pending[i] as object[]).length = this.atCallStart[i] as number;
  }

  get isEmpty(): boolean {
    return this.pending.every((elements) => elements.length === 0);
  }

  /** Forgets what was not handed over. */
  drop(): void {
    for (const elements of this.pending) elements.length = 0;
  }

  /** Hands everything to the writer; a promise is its back-pressure. */
  handOver(): Promise<unknown> | undefined {
    let pressure: Promise<unknown> | undefined;
    for (let output = 0; output < this.pending.length; output++) {
      const elements = this.pending[output] as object[];
      if (elements.length === 0) continue;
      this.pending[output] = [];
      this.written[output] = (this.written[output] as number) + elements.length;
      const written = this.writer.write(output, elements);
      if (written !== undefined) pressure = pressure === undefined ? written : Promise.all([pressure, written]);
    }
    return pressure;
  }
}
