import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setImmediate as immediate } from 'node:timers/promises';
import { outputFailed } from '../../brokers/json-file/output/output-errors.js';
import { comparable, compareKeys, type Key } from '../../expressions/key.js';
import { printKey } from '../../expressions/key-text.js';
import { mergeRuns } from './merge.js';
import { RunReader, RunWriter } from './run-file.js';

/** The maximum number of files that are merged at a time. */
const mostAtOnce = 128;

/**
 * An external merge sort: as much as fits into memory is sorted and written to a file, a run; at the end the runs are
 * merged. Stable.
 */
export class ExternalSort {
  count = 0;
  /** The number of files written. */
  runCount = 0;
  /** All other keys are compared with it, so that the keys of all runs have one type. */
  private first: Key | undefined;
  private keys: Key[] = [];
  private texts: string[] = [];
  private held = 0;
  private runs: string[] = [];
  private folder: string | undefined;

  constructor(
    /** The maximum number of characters of elements in memory. */
    private readonly most: number,
    /** The folder in which a folder for the runs is created. */
    private readonly temporary: string,
  ) {}

  /**
   * Adds an element. Its text must not contain line ends. Throws for a key that cannot be compared with the first one.
   */
  add(key: Key, text: string): void {
    this.first ??= key;
    if (!comparable(this.first, key)) {
      throw new TypeError(`the key is ${printKey(key)}, which cannot be compared with ${printKey(this.first)}`);
    }
    this.keys.push(key);
    this.texts.push(text);
    this.count++;
    // The size of an entry in the two arrays, and of the element's string.
    this.held += text.length + 64;
  }

  /** Writes a run if enough elements are in memory. Call it after each element. */
  makeRoom(): void {
    if (this.held >= this.most) this.writeRun();
  }

  /** Ends adding: merges runs until there are few enough to merge at once. */
  async end(): Promise<void> {
    if (this.runs.length === 0) return;
    if (this.texts.length > 0) this.writeRun();
    while (this.runs.length > mostAtOnce) await this.mergeFirst();
  }

  /** All elements in order; once, after the end. */
  *sorted(): Iterable<string> {
    if (this.runs.length === 0) {
      for (const index of this.order()) yield this.texts[index] as string;
      return;
    }
    for (const { text } of mergeRuns(this.runs.map((file) => new RunReader(file)))) yield text;
  }

  /** Removes the runs. */
  close(): void {
    if (this.folder !== undefined) rmSync(this.folder, { recursive: true, force: true });
  }

  private order(): readonly number[] {
    const { keys } = this;
    const order = keys.map((_, i) => i);
    // Sorting an array is stable.
    if (keys.every((key) => typeof key === 'number')) {
      const numbers = Float64Array.from(keys as number[]);
      return order.sort((a, b) => (numbers[a] as number) - (numbers[b] as number));
    }
    return order.sort((a, b) => compareKeys(keys[a], keys[b]));
  }

  private writeRun(): void {
    const { keys, texts } = this;
    const order = this.order();
    const run = this.nextRun();
    const writer = new RunWriter(run);
    for (const i of order) writer.write(keys[i] as Key, texts[i] as string);
    writer.close();
    this.runs.push(run);
    this.keys = [];
    this.texts = [];
    this.held = 0;
  }

  /** Merges the first runs into one, so that elements with equal keys keep their order. */
  private async mergeFirst(): Promise<void> {
    const first = this.runs.splice(0, mostAtOnce);
    const run = this.nextRun();
    const writer = new RunWriter(run);
    let count = 0;
    for (const { key, text } of mergeRuns(first.map((file) => new RunReader(file)))) {
      writer.write(key, text);
      // Lets signals be handled in the meantime.
      if (++count % 10_000 === 0) await immediate();
    }
    writer.close();
    this.runs.unshift(run);
    for (const file of first) rmSync(file);
  }

  private madeFolder(): string {
    const folder = path.join(this.temporary, 'watermill-sort-');
    try {
      return mkdtempSync(folder);
    } catch (error) {
      throw outputFailed(folder, error);
    }
  }

  private nextRun(): string {
    this.folder ??= this.madeFolder();
    return path.join(this.folder, `run-${this.runCount++}`);
  }
}
