import type { Json } from '../../base/json.js';
import { type NumberRows, objectsOf } from '../../messages/index.js';
import type { Batch, MessageOrigin } from '../batch.js';
import type { FileStamp } from './file-sample.js';

/** Where a batch begins. JSON. A compressed file cannot be entered in the middle: it has only the index. */
export interface FileMark {
  readonly index: number;
  /** The offset of the separator before the batch: `[`, `,`, the end of a line, or the `]` after the last element. */
  readonly byte?: number;
  /** How many lines are before it, where elements are lines. */
  readonly line?: number;
  /** Which file it was, if another broker keeps the mark. */
  readonly of?: FileStamp;
}

/** Where each value of a batch is, and its bytes as they came. */
export type ValueOrigins = readonly MessageOrigin[];

/** Values of a file, with their text, which is looked at again only for values that are asked for. */
export class TextBatch implements Batch {
  mark: Json;
  readonly numberRows: NumberRows | undefined;
  /** How many values there are. */
  readonly count: number;
  private made: readonly unknown[] | undefined;
  private origins: ValueOrigins | undefined;

  constructor(
    content: readonly unknown[] | NumberRows,
    readonly first: number,
    mark: FileMark,
    readonly end: boolean,
    private readonly locate: () => ValueOrigins,
  ) {
    this.mark = mark as unknown as Json;
    if ('cells' in content) {
      this.numberRows = content;
      this.count = content.count;
    } else {
      this.made = content;
      this.count = content.length;
    }
  }

  get values(): readonly unknown[] {
    this.made ??= objectsOf(this.numberRows as NumberRows);
    return this.made;
  }

  origin(index: number): MessageOrigin {
    this.origins ??= this.locate();
    return this.origins[index] ?? {};
  }

  /** The same; its mark says which file it is of. */
  of(stamp: FileStamp): this {
    this.mark = { ...(this.mark as object), of: stamp } as Json;
    return this;
  }

  /** The same without its first values, of a file that can be entered only at its beginning. */
  withoutFirst(count: number): TextBatch {
    const first = this.first + count;
    const { end } = this;
    const content = count > 0 ? this.values.slice(count) : (this.numberRows ?? this.values);
    const locate = (): ValueOrigins => this.locate().slice(count);
    return new TextBatch(content, first, { index: first }, end, locate);
  }
}

/** An empty batch has nothing to locate. */
export const nothingToLocate = (): ValueOrigins => [];
