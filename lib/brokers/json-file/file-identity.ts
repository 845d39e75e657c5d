import { promises as fs } from 'node:fs';
import type { FileIdentity } from '../parsing/text-batch.js';
import type { InputFile } from './input-file.js';
import { changeOf, type InputChange, InputMemory } from './input-memory.js';
import { type FileSample, sampleOfBytes } from './source/file-sample.js';

const emptySample = sampleOfBytes(Buffer.alloc(0), 0);

/** Undefined if it is not a regular file, or if it is followed: then it has that of what was read of it. */
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

/** A followed file may have been empty when it was opened, so the last bytes that were read identify it. */
export function identityOfFollowed({ from, to, digest }: FileSample): FileIdentity {
  return [to, to, digest, from];
}

/** How a file differs from the one that was partly read; undefined if, as far as was checked, it has at most grown. */
export async function changeSince(
  file: InputFile,
  [size, to, digest, from = 0]: FileIdentity,
): Promise<InputChange | undefined> {
  // Opening something that is not a file reports what is wrong.
  const isFile = await fs.stat(file.path).then(
    (stats) => stats.isFile(),
    () => false,
  );
  if (!isFile) return undefined;
  const sample = { from, to, digest };
  const state =
    file.follows === undefined
      ? { size, modified: 0, head: sample, tail: sample }
      : { size, modified: 0, head: emptySample, tail: sample, follows: true as const };
  const change = await changeOf(file, state);
  return change?.kind === 'other' ? change : undefined;
}
