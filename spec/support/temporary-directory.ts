import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemporaryDirectory {
  readonly path: string;
  file(name: string): string;
  /** Returns the path of a file or folder that does not exist yet, a different one at each call. */
  readonly newPath: () => string;
  remove(): void;
}

/** A directory of its own for a test. Links in its path are followed: on some systems `/tmp` is one. */
export function temporaryDirectory(): TemporaryDirectory {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'watermill-')));
  let paths = 0;
  return {
    path,
    file: (name) => join(path, name),
    newPath: () => join(path, `path ${++paths}`),
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 10 }),
  };
}
