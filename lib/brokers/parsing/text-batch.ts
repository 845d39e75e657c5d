import type { Json } from '../../base/json.js';
import { type NumberRows, objectsOf } from '../../messages/index.js';
import type { Batch, MessageOrigin } from '../batch.js';

/**
 * The identity of a file when it was opened: its size, and the end and the digest of its beginning; of a followed file,
 * those of what was read of it, and where the digest starts. Short, because it is part of the marks that another broker
 * keeps. JSON.
 */
export type FileIdentity = readonly [size: number, to: number, digest: string, from?: number];

/** The start of a batch. JSON. A compressed file cannot be opened in the middle: its marks have only the index. */
export interface FileMark {
  readonly index: number;
  /** The offset of the separator before the batch: `[`, `,`, a line end, or the `]` after the last element. */
  readonly byte?: number;
  /** The number of lines before it, if elements are lines. */
  readonly line?: number;
  /** The identity of the file, if another broker keeps the mark. */
  readonly of?: FileIdentity;
}

/** The place of each value of a batch, and its bytes, unchanged. */
export type ValueOrigins = readonly MessageOrigin[];

/** Values of a file together with their text, which is examined again only for values whose origin is requested. */
export class TextBatch implements Batch {
  mark: Json;
  readonly numberRows: NumberRows | undefined;
  /** The number of values. */
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

  /** Adds the identity of the file to the mark. */
  of(identity: FileIdentity): this {
    this.mark = { ...(this.mark as object), of: identity } as Json;
    return this;
  }

  /** The batch without its first values, for a file that can be opened only at its beginning. */
  withoutFirst(count: number): TextBatch {
    const first = this.first + count;
    const { end } = this;
    const content = count > 0 ? this.values.slice(count) : (this.numberRows ?? this.values);
    const locate = (): ValueOrigins => this.locate().slice(count);
    return new TextBatch(content, first, { index: first }, end, locate);
  }
}

/** An empty batch has no origins. */
export const nothingToLocate = (): ValueOrigins => [];
