import { promises as fs } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { diskRemedy } from '../../files/disk-remedy.js';
import { ifExists, makeDirectory, readKept, replaceFile } from '../../files/durable-files.js';
import { type Arrival, type FileStamp, type JournalRecord, lineOf, readJournal } from './journal-text.js';

/** The maximum number of stale lines before the journal is rewritten without them. */
const mostDeadLines = 1_000;

interface Known {
  arrival: Arrival;
  isGone: boolean;
}

/**
 * The order of a directory's files, decided once and recorded, never derived again. An appended line is on disk before
 * anything depends on it; a torn last line is cut off, since nothing did.
 */
export class Journal {
  private readonly known = new Map<number, Known>();
  /** The latest file of each existing name. */
  private readonly names = new Map<string, Known>();
  private from = 0;
  private nextPlace = 0;
  private lines = 0;
  private bytes = 0;
  private end: number | undefined;
  /** Settles when all writes so far are done. */
  private writing: Promise<unknown> = Promise.resolve();
  /** The name that `highest` returned when files were left out. */
  former: string | undefined;

  private constructor(private readonly path: string | undefined) {}

  /** Opens a journal. Without `path`, it is kept in memory only. */
  static async open(path: string | undefined): Promise<Journal> {
    const journal = new Journal(path);
    if (path !== undefined) await journal.load(path);
    return journal;
  }

  /** The number of the next new file. */
  get next(): number {
    return this.nextPlace;
  }

  /** Files below this number may be missing: they are done and gone. */
  get first(): number {
    return this.from;
  }

  /** A run has ended with all files recorded so far. */
  get isEnded(): boolean {
    return this.end === this.nextPlace;
  }

  /** The length when the journal was last read or written: other processes may append. */
  get length(): number {
    return this.bytes;
  }

  at(n: number): Arrival | undefined {
    return this.known.get(n)?.arrival;
  }

  /** Returns whether the name of this file does not exist any more, or belongs to another file by now. */
  isGone(n: number): boolean {
    return this.known.get(n)?.isGone !== false;
  }

  /** The file that has this name, as far as is known. */
  named(name: string): Arrival | undefined {
    return this.names.get(name)?.arrival;
  }

  /** The number of names believed to exist, and the names. */
  get nameCount(): number {
    return this.names.size;
  }

  arrivals(): Iterable<Arrival> {
    return [...this.names.values()].map(({ arrival }) => arrival);
  }

  /** The names of all recorded files. */
  *everyName(): Generator<string> {
    if (this.former !== undefined) yield this.former;
    for (const { arrival } of this.known.values()) yield arrival.name;
  }

  async append(records: readonly JournalRecord[]): Promise<void> {
    if (records.length === 0) return;
    await this.alone(async () => {
      await this.write(records);
      for (const record of records) this.apply(record);
    });
  }

  /** Drops files below this number that are gone; `highest`: the highest of all names, if they have an order. */
  async forget(below: number, highest: string | undefined): Promise<void> {
    let isAny = false;
    for (const [n, { isGone }] of this.known) {
      if (!isGone || n >= below) continue;
      this.known.delete(n);
      isAny = true;
    }
    const { path, lines, known } = this;
    if (path === undefined || !isAny || lines - known.size < Math.max(mostDeadLines, known.size)) return;
    await this.alone(() => this.rewrite(path, below, highest));
  }

  /** Runs writes one at a time: a line that a scan appends while a commit replaces the file would be lost. */
  private alone(work: () => Promise<void>): Promise<void> {
    const done = this.writing.then(work);
    this.writing = done.catch(() => {});
    return done;
  }

  private async rewrite(path: string, below: number, highest: string | undefined): Promise<void> {
    const from = Math.max(this.from, Math.min(below, this.nextPlace));
    const records: JournalRecord[] = [];
    for (const { arrival, isGone } of this.known.values()) {
      records.push(arrival);
      if (isGone) records.push({ gone: arrival.n });
    }
    const header = { journal: 1 as const, from, ...(highest !== undefined && { highest }) };
    const text = lineOf(header) + records.map(lineOf).join('');
    await kept(path, replaceFile(path, text));
    this.from = from;
    this.former = highest;
    this.lines = records.length;
    this.bytes = Buffer.byteLength(text);
  }

  private async load(file: string): Promise<void> {
    const bytes = await kept(file, ifExists(readKept(file)));
    if (bytes === undefined) return;
    const { header, records, wholeBytes } = readJournal(file, bytes);
    if (wholeBytes < bytes.length) await kept(file, cut(file, wholeBytes));
    this.bytes = wholeBytes;
    if (header === undefined) return;
    this.from = header.from;
    this.nextPlace = header.from;
    this.former = header.highest;
    for (const record of records) this.apply(record);
  }

  private async write(records: readonly JournalRecord[]): Promise<void> {
    const { path: file } = this;
    if (file === undefined) return;
    let text = records.map(lineOf).join('');
    if (this.bytes === 0) {
      text = lineOf({ journal: 1, from: 0 }) + text;
      await kept(file, makeDirectory(path.dirname(path.resolve(file))));
      await kept(file, replaceFile(file, text));
    } else await kept(file, appendTo(file, text));
    this.bytes += Buffer.byteLength(text);
  }

  private apply(record: JournalRecord): void {
    this.lines++;
    if ('n' in record) this.arrived(record);
    else if ('gone' in record) this.removed(record.gone);
    else if ('skip' in record) this.change(record.skip, { skip: 'gone' });
    else if ('changed' in record) this.change(record.changed, { size: record.size, mtimeNs: record.mtimeNs });
    else this.end = record.end;
  }

  private arrived(arrival: Arrival): void {
    const known = { arrival, isGone: false };
    this.known.set(arrival.n, known);
    this.names.set(arrival.name, known);
    this.nextPlace = Math.max(this.nextPlace, arrival.n + 1);
  }

  private removed(n: number): void {
    const known = this.known.get(n);
    if (known === undefined) return;
    known.isGone = true;
    if (this.names.get(known.arrival.name) === known) this.names.delete(known.arrival.name);
  }

  private change(n: number, change: Partial<FileStamp> | { readonly skip: 'gone' }): void {
    const known = this.known.get(n);
    if (known !== undefined) known.arrival = { ...known.arrival, ...change };
  }
}

async function appendTo(file: string, text: string): Promise<void> {
  const handle = await fs.open(file, 'a');
  try {
    await handle.writeFile(text);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function cut(file: string, bytes: number): Promise<void> {
  const handle = await fs.open(file, 'r+');
  try {
    await handle.truncate(bytes);
    await handle.datasync();
  } finally {
    await handle.close();
  }
}

async function kept<T>(file: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    const found = reasonOf(cause);
    const remedy = diskRemedy(cause, 'Name a place that this process may write.');
    throw new WaterMillError(
      'WM_OUTPUT_FAILED',
      `The journal of a directory's files cannot be kept in ${file}: ${found}. ${remedy}`,
      { stream: file, expected: 'a file that can be written', found },
      { cause },
    );
  }
}
