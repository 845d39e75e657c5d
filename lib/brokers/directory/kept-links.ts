import { promises as fs } from 'node:fs';
import path from 'node:path';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { diskRemedy } from '../../files/disk-remedy.js';
import { ifExists, makeDirectory, syncDirectory } from '../../files/durable-files.js';
import type { DirectoryPlace } from './directory-errors.js';

/** Hard links to files from their arrival to the commit, so that they can be reread even if they are deleted. */
export class KeptLinks {
  private constructor(
    private readonly place: DirectoryPlace,
    private readonly folder: string,
    /** The numbers of the files with links. */
    private readonly places: Set<number>,
  ) {}

  /** Creates the folder; removes links to files that were not recorded. */
  static async open(place: DirectoryPlace, folder: string, next: number): Promise<KeptLinks> {
    await makeDirectory(path.resolve(folder));
    const places = new Set<number>();
    for (const name of await fs.readdir(folder)) {
      const n = Number(name);
      if (n < next) places.add(n);
      else await fs.unlink(path.join(folder, name));
    }
    return new KeptLinks(place, folder, places);
  }

  /** The path of a kept file; undefined if it is not kept. */
  pathOf(n: number): string | undefined {
    return this.places.has(n) ? path.join(this.folder, String(n)) : undefined;
  }

  /** Keeps a file. Returns whether it is there: false if it has just been deleted. */
  async keep(name: string, n: number): Promise<boolean> {
    const kept = path.join(this.folder, String(n));
    try {
      // A hard link to a symbolic link would link the wrong file.
      await fs.link(await fs.realpath(path.join(this.place.directory, name)), kept);
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw this.cannotKeep(name, cause);
    }
    this.places.add(n);
    return true;
  }

  /** Makes the links survive a power failure. */
  sync(): Promise<void> {
    return syncDirectory(this.folder);
  }

  /** Drops the links to files below this number, which are not read again. */
  async drop(below: number): Promise<void> {
    for (const n of this.places) {
      if (n >= below) continue;
      this.places.delete(n);
      await ifExists(fs.unlink(path.join(this.folder, String(n))));
    }
  }

  private cannotKeep(name: string, cause: unknown): WaterMillError {
    const { message, directory } = this.place;
    const found =
      (cause as NodeJS.ErrnoException).code === 'EXDEV'
        ? 'two file systems, between which there are none'
        : reasonOf(cause);
    const otherwise = "Let `progress` be on the file system of the directory, or leave out keep: 'link'.";
    return new WaterMillError(
      'WM_OUTPUT_FAILED',
      `A hard link to ${name} in ${directory}, a file of ${message}, cannot be made in ${this.folder}: ${found}. ` +
        diskRemedy(cause, otherwise),
      { message, stream: directory, file: name, expected: 'a hard link', found },
      { cause },
    );
  }
}
