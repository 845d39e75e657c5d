import type { LaneWriter } from '../brokers/broker.js';

/** Keeps the taken form of every result, in the list of its output. */
export class KeptWriter<T> implements LaneWriter {
  constructor(
    private readonly takers: readonly ((element: any) => T)[],
    private readonly lists: readonly T[][],
  ) {}

  takerOf(output: number): (element: object) => T {
    return this.takers[output]!;
  }

  writeTaken(output: number, taken: readonly T[]): void {
    const list = this.lists[output]!;
    for (const each of taken) list.push(each);
  }

  write(output: number, elements: readonly object[]): void {
    this.writeTaken(output, elements.map(this.takerOf(output)));
  }

  async flush(): Promise<undefined> {}
  async end(): Promise<void> {}
  async publish(): Promise<void> {}
  async close(): Promise<undefined> {}
}
