import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Random } from '../support/random.js';

/** Thrown by the operation at which the power fails. */
export class PowerFailed extends Error {}

interface File {
  text: string;
  /** The content after a loss of power. */
  durable: string;
}

interface Folder {
  readonly names: Map<string, File>;
  readonly durable: Map<string, File>;
  /** The operations since the last sync, which may be lost. */
  unsynced: (() => void)[];
}

const missing = (name: string): Error => Object.assign(new Error(`ENOENT: ${name}`), { code: 'ENOENT' });
const exists = (name: string): Error => Object.assign(new Error(`EEXIST: ${name}`), { code: 'EEXIST' });

/**
 * A disk in memory instead of `fs.promises`, whose power fails at the k-th modifying call. Unsynced changes are then
 * randomly lost or kept: the bytes of a file (possibly a part of them), and each change of a directory separately.
 */
export class PoweredDisk {
  calls = 0;
  dieAt = Number.POSITIVE_INFINITY;
  private readonly folders = new Map<string, Folder>();
  private spies: jest.SpyInstance[] = [];

  constructor(private readonly random: Random) {
    const calls = {
      mkdir: async (folder: string) => this.mkdir(folder),
      readdir: async (folder: string, options?: object) => this.readdir(folder, options !== undefined),
      stat: async (name: string) => this.stat(name),
      unlink: async (file: string) => this.unlink(file),
      rename: async (from: string, to: string) => this.rename(from, to),
      open: async (name: string, flags: string | number = 'r') => this.open(name, flags),
    };
    this.spies = Object.entries(calls).map(([name, call]) =>
      jest.spyOn(fs, name as 'open').mockImplementation(call as never),
    );
  }

  restore(): void {
    for (const spy of this.spies) spy.mockRestore();
  }

  has(name: string): boolean {
    return this.folders.get(path.resolve(path.dirname(name)))?.names.has(path.basename(name)) === true;
  }

  /** Restores the power. Locks of the dead process are gone, as after a reboot. */
  powerOn(): void {
    for (const folder of this.folders.values()) {
      for (const change of folder.unsynced) if (this.random.chance(0.5)) change();
      folder.unsynced = [];
      folder.names.clear();
      for (const [name, file] of folder.durable) if (!name.endsWith('.lock')) folder.names.set(name, file);
    }
    const files = new Set([...this.folders.values()].flatMap(({ names }) => [...names.values()]));
    for (const file of files) {
      const { text, durable } = file;
      const left = this.random.pick([durable, text, text.slice(0, this.random.int(text.length + 1))]);
      file.text = text === durable ? text : left;
      file.durable = file.text;
    }
    this.calls = 0;
  }

  private step(): void {
    this.calls++;
    if (this.calls >= this.dieAt) throw new PowerFailed(`at call ${this.dieAt}`);
  }

  /** Created folders are durable. */
  private mkdir(name: string): string | undefined {
    let first: string | undefined;
    for (let folder = path.resolve(name); !this.folders.has(folder); folder = path.dirname(folder)) {
      this.folders.set(folder, { names: new Map(), durable: new Map(), unsynced: [] });
      first = folder;
      if (folder === path.parse(folder).root) break;
    }
    return first;
  }

  private folder(name: string): Folder {
    const folder = this.folders.get(path.resolve(name));
    if (folder === undefined) throw missing(name);
    return folder;
  }

  private readdir(folder: string, withTypes: boolean): unknown[] {
    const names = [...this.folder(folder).names.keys()];
    return withTypes ? names.map((name) => ({ name, isFile: () => true })) : names;
  }

  private stat(name: string): object {
    const isDirectory = this.folders.has(path.resolve(name));
    return { isDirectory: () => isDirectory, size: isDirectory ? 0 : this.file(name).text.length };
  }

  private file(name: string): File {
    const file = this.folders.get(path.resolve(path.dirname(name)))?.names.get(path.basename(name));
    if (file === undefined) throw missing(name);
    return file;
  }

  private change(folder: Folder, change: (names: Map<string, File>) => void): void {
    change(folder.names);
    folder.unsynced.push(() => change(folder.durable));
  }

  private unlink(name: string): void {
    this.file(name);
    this.step();
    this.change(this.folder(path.dirname(name)), (names) => void names.delete(path.basename(name)));
  }

  private rename(from: string, to: string): void {
    const file = this.file(from);
    this.step();
    this.change(this.folder(path.dirname(to)), (names) => {
      names.delete(path.basename(from));
      names.set(path.basename(to), file);
    });
  }

  private open(name: string, flags: string | number): object {
    const folder = this.folders.get(path.resolve(name));
    if (folder !== undefined) return this.folderHandle(folder);
    const parent = this.folder(path.dirname(name));
    const base = path.basename(name);
    if (String(flags).startsWith('w')) {
      if (parent.names.has(base)) throw exists(name);
      this.step();
      const file = { text: '', durable: '' };
      this.change(parent, (names) => void names.set(base, file));
    }
    return this.fileHandle(this.file(name));
  }

  private folderHandle(folder: Folder): object {
    return {
      sync: async () => {
        this.step();
        for (const change of folder.unsynced) change();
        folder.unsynced = [];
      },
      close: async () => {},
    };
  }

  private fileHandle(file: File): object {
    return {
      writeFile: async (text: string) => {
        this.step();
        file.text += text;
      },
      datasync: async () => {
        this.step();
        file.durable = file.text;
      },
      readFile: async () => Buffer.from(file.text),
      stat: async () => ({ size: BigInt(file.text.length), mtimeNs: 0n, isFile: () => true }),
      utimes: async () => {},
      close: async () => {},
    };
  }
}
