import type { Json } from '../../base/json.js';
import type { Batch, MessageOrigin } from '../batch.js';

/** The point at which a stream of files continues: an element of a file, and the number of elements before it. JSON. */
export interface DirectoryMark {
  /** The number of the file in the order. */
  readonly n: number;
  /** The index of the element in the file. */
  readonly at: number;
  readonly next: number;
}

/** The origin of a part of a batch. */
interface Part {
  readonly n: number;
  readonly name: string;
  /** The index of its first value, in the batch and in the file. */
  readonly start: number;
  readonly at: number;
  /** The batch of the file's reader, and how many of its values were skipped. */
  readonly batch: Batch;
  readonly passed: number;
}

/** Collects values of several files in one batch. */
export class BatchParts {
  private values: unknown[] = [];
  private isOwn = false;
  private readonly parts: Part[] = [];

  constructor(private readonly begin: DirectoryMark) {}

  get length(): number {
    return this.values.length;
  }

  /** Adds a batch of a file, without its first `passed` values. */
  add(n: number, name: string, batch: Batch, passed: number): void {
    const { values } = batch;
    const start = this.values.length;
    this.parts.push({ n, name, start, at: batch.first + passed, batch, passed });
    const rest = passed === 0 ? values : values.slice(passed);
    // A single part need not be copied.
    if (start === 0) {
      this.values = rest as unknown[];
      this.isOwn = false;
      return;
    }
    if (!this.isOwn) this.values = [...this.values];
    this.isOwn = true;
    for (const value of rest) this.values.push(value);
  }

  /** Returns the batch. `behind`: where the stream continues after it. */
  batch(behind: Pick<DirectoryMark, 'n' | 'at'>, end: boolean): Batch {
    const { values, parts, begin } = this;
    const first = begin.next;
    const markAt = (index: number): Json => {
      if (index >= values.length) return { n: behind.n, at: behind.at, next: first + values.length };
      if (index === 0) return { ...begin };
      const part = partOf(parts, index);
      return { n: part.n, at: part.at + index - part.start, next: first + index };
    };
    const origin = (index: number): MessageOrigin => {
      const { batch, passed, start, name } = partOf(parts, index);
      return { ...batch.origin?.(index - start + passed), headers: { file: name }, file: name };
    };
    return { values, first, mark: { ...begin }, markAt, origin, end };
  }
}

function partOf(parts: readonly Part[], index: number): Part {
  let at = parts.length - 1;
  while (parts[at]!.start > index) at--;
  return parts[at]!;
}
