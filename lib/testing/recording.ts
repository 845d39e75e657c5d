import fs from 'node:fs';
import path from 'node:path';
import type { Logger } from '../base/logger.js';
import { safely } from '../base/shown-value.js';
import { thrownText } from '../base/thrown.js';
import type { Batch } from '../brokers/batch.js';
import type { InputRequest } from '../brokers/broker.js';
import { makeFoldersSync } from '../files/make-folders.js';
import { EndOfStream } from '../messages/index.js';
import { lineOf } from './line-of-value.js';

/**
 * Records the values of one stream's readers, in one lane, for each node that reads it. A failure here is logged, and
 * ends the recording; the run is not affected.
 */
export class Recording {
  private readonly files: { readonly descriptor: number; readonly line: (value: unknown) => string }[] = [];
  private recorded = 0;
  /** Several readers may return the same values: those below this position are recorded already. */
  private next = Number.NEGATIVE_INFINITY;
  private isOver = false;

  private constructor(
    private readonly label: string,
    private readonly elements: number,
    private readonly logger: Logger,
  ) {}

  static begin(
    inputs: readonly { readonly input: InputRequest; readonly file: string }[],
    elements: number,
    logger: Logger,
  ): Recording {
    const recording = new Recording(inputs[0]?.input.entry.label ?? '', elements, logger);
    recording.safely(() => recording.open(inputs));
    return recording;
  }

  /** Written immediately, so that the recording includes everything that a mill got before a crash. */
  add(batch: Batch): void {
    if (!this.isOver) this.safely(() => this.write(batch));
  }

  close(): void {
    this.isOver = true;
    for (const { descriptor } of this.files.splice(0)) safely(() => fs.closeSync(descriptor));
  }

  /** All files or none: a fixture without one of its inputs would be useless. */
  private open(inputs: readonly { readonly input: InputRequest; readonly file: string }[]): void {
    const made: string[] = [];
    try {
      for (const { input, file } of inputs) {
        const line = lineOf(input);
        makeFoldersSync(path.dirname(file));
        this.files.push({ descriptor: fs.openSync(file, 'wx'), line });
        made.push(file);
      }
    } catch (error) {
      for (const file of made) safely(() => fs.unlinkSync(file));
      throw error;
    }
  }

  private write({ values, positions, first }: Batch): void {
    const taken: unknown[] = [];
    let isEnd = false;
    for (let i = 0; i < values.length && !isEnd; i++) {
      const position = positions === undefined ? first + i : (positions[i] as number);
      if (position < this.next) continue;
      isEnd = this.recorded >= this.elements || values[i] instanceof EndOfStream;
      if (isEnd) break;
      this.next = position + 1;
      this.recorded++;
      taken.push(values[i]);
    }
    if (taken.length > 0) {
      for (const { descriptor, line } of this.files) {
        fs.writeSync(descriptor, taken.map((value) => `${line(value)}\n`).join(''));
      }
    }
    if (isEnd) this.close();
  }

  private safely(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.close();
      const isThere = (error as NodeJS.ErrnoException | undefined)?.code === 'EEXIST';
      const why = isThere ? 'a recording of it is there already; delete it to record again' : thrownText(error);
      const what = this.recorded === 0 ? 'is not recorded' : 'is recorded no further';
      this.logger.warn({ err: error, stream: this.label }, `${this.label} ${what}: ${why}`);
    }
  }
}
