import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { outputFailed } from '../../brokers/json-file/output/output-errors.js';
import type { Key } from '../../expressions/key.js';
import { keyFromJson, keyToJson } from '../../expressions/key-json.js';

/** An element with its key. */
export interface Keyed {
  readonly key: Key;
  readonly text: string;
}

const pieceBytes = 64 * 1024;
/**
 * Many runs are read at a time: with pieces of 64 KiB, `npx watermill sort` of 1 GB takes 200 MB of memory instead of 167
 * (`/usr/bin/time -f %M`).
 */
const readBytes = 32 * 1024;
const lineFeed = 0x0a;

/** Writes a run: lines of a key, a tab, and the element. */
export class RunWriter {
  private readonly descriptor: number;
  private pieces: string[] = [];
  private length = 0;

  constructor(private readonly file: string) {
    try {
      this.descriptor = openSync(file, 'wx', 0o600);
    } catch (error) {
      throw outputFailed(file, error);
    }
  }

  write(key: Key, text: string): void {
    const shown = typeof key === 'number' ? String(key) : JSON.stringify(keyToJson(key));
    this.pieces.push(shown, '\t', text, '\n');
    this.length += text.length + shown.length;
    if (this.length >= pieceBytes) this.flush();
  }

  close(): void {
    this.flush();
    closeSync(this.descriptor);
  }

  private flush(): void {
    const bytes = Buffer.from(this.pieces.join(''));
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.descriptor, bytes, at);
    } catch (error) {
      throw outputFailed(this.file, error);
    }
    this.pieces = [];
    this.length = 0;
  }
}

/** Reads a run, piece by piece. */
export class RunReader {
  private readonly descriptor: number;
  private bytes = Buffer.alloc(readBytes);
  /** The number of bytes after the complete lines. */
  private rest = 0;
  private text = '';
  private at = 0;
  private isClosed = false;

  constructor(file: string) {
    this.descriptor = openSync(file, 'r');
  }

  next(): Keyed | undefined {
    if (this.at === this.text.length && !this.readLines()) return undefined;
    const { text, at } = this;
    const tab = text.indexOf('\t', at);
    const end = text.indexOf('\n', tab);
    this.at = end + 1;
    const shown = text.slice(at, tab);
    const number = Number(shown);
    return { key: Number.isNaN(number) ? keyOf(shown) : number, text: text.slice(tab + 1, end) };
  }

  /** Reads the next complete lines. */
  private readLines(): boolean {
    while (!this.isClosed) {
      if (this.rest === this.bytes.length) this.bytes = Buffer.concat([this.bytes, Buffer.alloc(this.bytes.length)]);
      const count = readSync(this.descriptor, this.bytes, this.rest, this.bytes.length - this.rest, null);
      if (count === 0) {
        closeSync(this.descriptor);
        this.isClosed = true;
        return false;
      }
      const end = this.rest + count;
      const last = this.bytes.subarray(0, end).lastIndexOf(lineFeed) + 1;
      this.text = this.bytes.toString('utf8', 0, last);
      this.at = 0;
      this.bytes.copyWithin(0, last, end);
      this.rest = end - last;
      if (last > 0) return true;
    }
    return false;
  }
}

function keyOf(shown: string): Key {
  return keyFromJson(JSON.parse(shown)) as Key;
}
