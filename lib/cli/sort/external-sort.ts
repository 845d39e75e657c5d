import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { comparable, compareKeys, type Key } from '../../expressions/key.js';
import { printKey } from '../../expressions/key-text.js';
import { mergeRuns } from './merge.js';
import { type Keyed, RunReader, RunWriter } from './run-file.js';

/** So many files are read at a time. */
const mostAtOnce = 128;

/**
 * Sorts more than fits into memory: what fits is sorted and written to a file, a run; at the end the runs are merged. Stable:
 * of equal keys the one that came first is first.
 */
export class ExternalSort {
  count = 0;
  /** How many files were written. */
  runCount = 0;
  private keys: Key[] = [];
  private texts: string[] = [];
  private held = 0;
  private runs: string[] = [];
  private folder: string | undefined;

  constructor(
    /** Characters of elements that are held at a time. */
    private readonly most: number,
    /** Where a folder for the runs is made. */
    private readonly temporary: string,
  ) {}

  /** The text of an element has no line ends. Throws for a key that cannot be compared with the first one. */
  add(key: Key, text: string): void {
    const [first = key] = this.keys;
    if (!comparable(first, key)) {
      throw new TypeError(`the key is ${printKey(key)}, which cannot be compared with ${printKey(first)}`);
    }
    this.keys.push(key);
    this.texts.push(text);
    this.count++;
    // What an entry of the two arrays takes, and the element's string.
    this.held += text.length + 64;
    if (this.held >= this.most) this.writeRun();
  }

  /** All elements in order, once. */
  *sorted(): Iterable<string> {
    if (this.runs.length === 0) {
      for (const index of this.order()) yield this.texts[index] as string;
      return;
    }
    if (this.texts.length > 0) this.writeRun();
    while (this.runs.length > mostAtOnce) this.mergeFirst();
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
    this.runs.push(this.write(order.map((i) => ({ key: keys[i] as Key, text: texts[i] as string }))));
    this.keys = [keys[0] as Key];
    this.keys.length = 0;
    this.texts = [];
    this.held = 0;
  }

  /** The first runs become one: so elements of equal keys stay in the order in which they came. */
  private mergeFirst(): void {
    const first = this.runs.splice(0, mostAtOnce);
    this.runs.unshift(this.write(mergeRuns(first.map((file) => new RunReader(file)))));
    for (const file of first) rmSync(file);
  }

  private write(elements: Iterable<Keyed>): string {
    this.folder ??= mkdtempSync(path.join(this.temporary, 'watermill-sort-'));
    const file = path.join(this.folder, `run-${this.runCount++}`);
    const writer = new RunWriter(file);
    for (const { key, text } of elements) writer.write(key, text);
    writer.close();
    return file;
  }
}
