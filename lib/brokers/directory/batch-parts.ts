import type { Json } from '../../base/json.js';
import type { Batch, MessageOrigin } from '../batch.js';

/** Where a stream of files continues: at an element of a file; and how many elements are before it. JSON. */
export interface DirectoryMark {
  /** The place of the file in the order. */
  readonly n: number;
  /** The element in it. */
  readonly at: number;
  readonly next: number;
}

/** What a part of a batch comes from. */
interface Part {
  readonly n: number;
  readonly name: string;
  /** The index of its first value in the batch and in the file. */
  readonly start: number;
  readonly at: number;
  /** As the file's reader gave it, and how many of its values were skipped. */
  readonly batch: Batch;
  readonly passed: number;
}

/** Values of several files on their way into one batch. */
export class BatchParts {
  private values: unknown[] = [];
  private isOwn = false;
  private readonly parts: Part[] = [];

  constructor(private readonly begin: DirectoryMark) {}

  get length(): number {
    return this.values.length;
  }

  /** Adds what came of a file; the first values are skipped. */
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

  /** The batch, and where the stream continues after it. */
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
