import type { Json } from '../../base/json.js';
import type { LaneWriter } from '../broker.js';
import type { MemoryOutput } from './memory-progress.js';

/** The valid length of each output. JSON. */
type WriterMark = readonly { readonly elements: number; readonly ended: boolean }[];

/** Appends results to lists. Results after a mark were written by a run that crashed, and are removed. */
export class MemoryWriter implements LaneWriter {
  constructor(
    private readonly outputs: readonly MemoryOutput[],
    mark: Json | undefined,
  ) {
    const marks = (mark ?? []) as unknown as WriterMark;
    for (const [i, output] of outputs.entries()) {
      output.elements.truncate(marks[i]?.elements ?? 0);
      output.ended = marks[i]?.ended ?? false;
    }
  }

  write(output: number, elements: readonly object[]): void {
    this.writeTaken(output, elements.map(this.takerOf(output)));
  }

  takerOf(output: number): (element: object) => number {
    return this.outputs[output]!.elements.take;
  }

  writeTaken(output: number, taken: readonly number[]): void {
    this.outputs[output]!.elements.add(taken);
  }

  async flush(): Promise<Json> {
    return this.outputs.map(({ elements, ended }) => ({ elements: elements.length, ended }));
  }

  async end(): Promise<void> {
    for (const output of this.outputs) output.ended = true;
  }

  async publish(): Promise<void> {}

  async close(): Promise<undefined> {}
}
