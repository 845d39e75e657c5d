import type { Json } from '../../base/json.js';
import type { Batch, MessageOrigin } from '../batch.js';

/** Where a batch begins. JSON. A compressed file cannot be entered in the middle: it has only the index. */
export interface FileMark {
  readonly index: number;
  /** The offset of the separator before the batch: `[`, `,`, the end of a line, or the `]` after the last element. */
  readonly byte?: number;
  /** How many lines are before it, where elements are lines. */
  readonly line?: number;
}

/** Where each value of a batch stands, and its bytes as they came. */
export type ValueOrigins = readonly MessageOrigin[];

/** Values of a file, with their text, which is looked at again only for values that are asked for. */
export class TextBatch implements Batch {
  readonly mark: Json;
  private origins: ValueOrigins | undefined;

  constructor(
    readonly values: readonly unknown[],
    readonly first: number,
    mark: FileMark,
    readonly end: boolean,
    private readonly locate: () => ValueOrigins,
  ) {
    this.mark = mark as unknown as Json;
  }

  origin(index: number): MessageOrigin {
    this.origins ??= this.locate();
    return this.origins[index] ?? {};
  }

  /** The same without its first values, of a file that can be entered only at its beginning. */
  withoutFirst(count: number): TextBatch {
    const first = this.first + count;
    const { values, end } = this;
    const locate = (): ValueOrigins => this.locate().slice(count);
    return new TextBatch(count === 0 ? values : values.slice(count), first, { index: first }, end, locate);
  }
}

/** An empty batch has nothing to locate. */
export const nothingToLocate = (): ValueOrigins => [];
