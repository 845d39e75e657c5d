import { promises as fs } from 'node:fs';
import path from 'node:path';
import { createFile, ifExists } from '../../files/durable-files.js';
import type { KeptChange, TakeChange, WholeTable } from '../kept-tables.js';
import { changeOf, damagedFile, textOf } from './change-line.js';

/** The file with the changes of a table, and the valid part of it: bytes, and changes in them. */
export type TableFileMark = readonly [file: number, bytes: number, changes: number];

/** A file with fewer changes than this is not worth rewriting. */
export const leastToCompact = 1_000;
const pieceBytes = 256 * 1024;
const newline = 0x0a;

/** The log of changes of one table, a line each: appended to, and now and then compacted into a new file. */
export class TableFile {
  private handle: fs.FileHandle | undefined;
  private isNamed = true;
  private isDirty = false;

  constructor(
    private readonly folder: string,
    private readonly name: string,
    private mark: TableFileMark | undefined,
    private readonly leastChanges: number,
  ) {}

  get current(): TableFileMark | undefined {
    return this.mark;
  }

  /** Returns whether the name of a new file still has to be made durable. */
  get hasNewName(): boolean {
    return !this.isNamed;
  }

  /** Opens the file, and cuts off changes after the mark, which a crashed run wrote. */
  async open(): Promise<void> {
    const { mark } = this;
    if (mark === undefined) return;
    const place = this.place(mark[0]);
    const handle = await ifExists(fs.open(place, 'r+'));
    if (handle === undefined) throw damagedFile(place, 'it is gone');
    this.handle = handle;
    const { size } = await handle.stat();
    if (size < mark[1]) throw damagedFile(place, `it has ${size} bytes, and the last commit counts ${mark[1]}`);
    if (size === mark[1]) return;
    await handle.truncate(mark[1]);
    await handle.datasync();
  }

  /** Returns whether the log once ended at this mark, and all later changes are in the same file. */
  has([file, bytes, changes]: TableFileMark): boolean {
    const { mark } = this;
    return mark !== undefined && mark[0] === file && bytes <= mark[1] && changes <= mark[2];
  }

  async read(take: TakeChange, left?: (changes: number) => void, after?: TableFileMark): Promise<void> {
    const { handle, mark } = this;
    if (handle === undefined || mark === undefined) return;
    const place = this.place(mark[0]);
    let line = after?.[2] ?? 0;
    let rest: Buffer = Buffer.alloc(0);
    for (let at = after?.[1] ?? 0; at < mark[1]; ) {
      left?.(mark[2] - line);
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, mark[1] - at));
      const { bytesRead } = await handle.read(piece, 0, piece.length, at);
      if (bytesRead === 0) break;
      at += bytesRead;
      const text =
        rest.length === 0 ? piece.subarray(0, bytesRead) : Buffer.concat([rest, piece.subarray(0, bytesRead)]);
      const end = text.lastIndexOf(newline) + 1;
      const lines = text.toString('utf8', 0, end).split('\n');
      for (let i = 0; i < lines.length - 1; i++) {
        const pressure = take(changeOf(lines[i] as string, place, ++line));
        if (pressure !== undefined) await pressure;
      }
      rest = text.subarray(end);
    }
    if (rest.length > 0) throw damagedFile(place, 'its last line has no end');
  }

  async write(changes: readonly KeptChange[], whole: WholeTable): Promise<void> {
    const before = this.mark?.[2] ?? 0;
    const isLong = before + changes.length > Math.max(this.leastChanges, 2 * whole.size);
    if (this.mark === undefined || isLong) await this.begin(isLong ? whole.changes() : changes);
    else await this.append(changes);
  }

  /** Resolves when all written changes are durable, except for a new name. */
  async sync(): Promise<void> {
    if (this.isDirty) await this.handle?.datasync();
    this.isDirty = false;
  }

  /** Notes that the name of the file is durable. */
  named(): void {
    this.isNamed = true;
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  /** Starts a new file with these changes. The previous file is still the one in the last commit. */
  private async begin(changes: Iterable<KeptChange>): Promise<void> {
    const file = (this.mark?.[0] ?? 0) + 1;
    await this.close();
    this.handle = await createFile(this.place(file));
    this.isNamed = false;
    this.mark = [file, 0, 0];
    await this.append(changes);
  }

  private async append(changes: Iterable<KeptChange>): Promise<void> {
    this.isDirty = true;
    let text = '';
    let count = 0;
    for (const change of changes) {
      text += textOf(change);
      count++;
      if (text.length < pieceBytes) continue;
      await this.put(text, count);
      text = '';
      count = 0;
    }
    if (count > 0) await this.put(text, count);
  }

  private async put(text: string, count: number): Promise<void> {
    const [file, bytes, changes] = this.mark as TableFileMark;
    const piece = Buffer.from(text);
    for (let at = 0; at < piece.length; ) {
      const { bytesWritten } = await (this.handle as fs.FileHandle).write(piece, at, piece.length - at, bytes + at);
      at += bytesWritten;
    }
    this.mark = [file, bytes + piece.length, changes + count];
  }

  private place(file: number): string {
    return path.join(this.folder, fileName(this.name, file));
  }
}

/** `VisitsByUser.3.changes`. Characters that a file name cannot contain are percent-encoded. */
export function fileName(table: string, file: number): string {
  return `${encodeURIComponent(table).replaceAll('*', '%2A').replaceAll('.', '%2E')}.${file}.changes`;
}

/** Returns whether a file name is one of ours. */
export function isTableFile(name: string): boolean {
  return /^[^.]+\.\d+\.changes$/.test(name);
}
