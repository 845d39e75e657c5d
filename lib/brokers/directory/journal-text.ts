import { isCount } from '../option-values.js';
import { damagedJournal } from './directory-errors.js';

/** The state of a file when it was last checked. */
export interface FileStamp {
  readonly size: number;
  /** Nanoseconds since 1970. */
  readonly mtimeNs: string;
}

export function isSame(a: FileStamp, b: FileStamp): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs;
}

/** A file with its number in the order. */
export interface Arrival extends FileStamp {
  /** Its number, from 0 on. */
  readonly n: number;
  /** The path in the directory, with `/` between folders. */
  readonly name: string;
  /** The file is skipped: it was gone before it was read, or arrived too late. */
  readonly skip?: 'gone' | 'late';
}

/** A line of the journal after the first. */
export type JournalRecord =
  | Arrival
  /** The name does not exist any more: another file of that name is a new one. */
  | { readonly gone: number }
  /** A file was gone before it was read, and is skipped. */
  | { readonly skip: number }
  /** A file has changed, and this is its new state. */
  | ({ readonly changed: number } & FileStamp)
  /** A run has ended, with all files before this number. */
  | { readonly end: number };

/** The first line. Files below `from` may be missing, if they are done and gone. */
export interface JournalHeader {
  readonly journal: 1;
  readonly from: number;
  /** The highest name, in the order of names or of a key, of the files left out. */
  readonly highest?: string;
}

export const lineOf = (line: JournalHeader | JournalRecord): string => `${JSON.stringify(line)}\n`;

/** The contents of a journal, and the length of its complete lines: a crash may have left a torn last line. */
export interface JournalText {
  readonly header: JournalHeader | undefined;
  readonly records: readonly JournalRecord[];
  readonly wholeBytes: number;
}

/** @throws WaterMillError `WM_PROGRESS_DAMAGED`, with the line. */
export function readJournal(path: string, bytes: Buffer): JournalText {
  const wholeBytes = bytes.lastIndexOf('\n') + 1;
  const lines = bytes.toString('utf8', 0, wholeBytes).split('\n').slice(0, -1);
  const parsed = lines.map((line, i) => parse(path, line, i + 1));
  const header = parsed[0];
  if (header === undefined) return { header: undefined, records: [], wholeBytes };
  if (!isHeader(header)) throw damagedJournal(path, 'the first line of a journal', JSON.stringify(header).slice(0, 80));
  let next = 0;
  for (let i = 1; i < parsed.length; i++) next = checked(path, parsed[i], i + 1, next, header.from);
  return { header, records: parsed.slice(1) as JournalRecord[], wholeBytes };
}

function parse(path: string, line: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw damagedJournal(path, `JSON on line ${number}`, JSON.stringify(line.slice(0, 80)));
  }
}

function isHeader(line: unknown): line is JournalHeader {
  const { journal, from } = (line ?? {}) as Partial<JournalHeader>;
  return journal === 1 && Number.isSafeInteger(from);
}

/** Checks a line. Returns the number that may come next. */
function checked(path: string, line: unknown, number: number, next: number, from: number): number {
  const record = (typeof line === 'object' && line !== null ? line : {}) as Partial<Arrival> & Record<string, unknown>;
  const { n, name, size, mtimeNs } = record;
  if (n === undefined) {
    const place = record.gone ?? record.skip ?? record.changed;
    if ((isCount(place) && place < Math.max(next, from)) || isCount(record.end)) return next;
  } else if (isCount(n) && typeof name === 'string' && isCount(size) && typeof mtimeNs === 'string') {
    const isNext = n === Math.max(next, from) || (n < from && n >= next);
    if (isNext) return n + 1;
    throw damagedJournal(path, `file ${Math.max(next, from)} on line ${number}`, `file ${n}`);
  }
  throw damagedJournal(path, `a record on line ${number}`, JSON.stringify(line).slice(0, 80));
}
