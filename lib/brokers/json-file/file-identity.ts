import { promises as fs } from 'node:fs';
import type { FileIdentity } from '../parsing/text-batch.js';
import type { InputFile } from './input-file.js';
import { changeOf, type InputChange, InputMemory } from './input-memory.js';

/** Undefined if it is not a regular file, or if it is expected to change. */
export async function fileIdentityOf(file: InputFile): Promise<FileIdentity | undefined> {
  if (file.follows !== undefined) return undefined;
  const memory = await InputMemory.of(file);
  if (memory === undefined) return undefined;
  try {
    const { size, head } = await memory.readUpTo(0);
    return [size, head.to, head.digest];
  } finally {
    await memory.close();
  }
}

/** How a file differs from the one that was partly read; undefined if, as far as was checked, it has at most grown. */
export async function changeSince(file: InputFile, [size, to, digest]: FileIdentity): Promise<InputChange | undefined> {
  // Opening something that is not a file reports what is wrong.
  const isFile = await fs.stat(file.path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isFile) return undefined;
  const head = { from: 0, to, digest };
  const change = await changeOf(file, { size, modified: 0, head, tail: head });
  return change?.kind === 'other' ? change : undefined;
}
