import { promises as fs } from 'node:fs';
import { WaterMillError } from '../../../base/watermill-error.js';
import { freshName } from '../../../files/durable-files.js';
import type { InputFile } from '../input-file.js';
import { refuseForeign } from './output-place.js';
import type { OutputTarget } from './output-target.js';

/** A file that a run reads or writes, and its use. */
interface Use {
  readonly path: string;
  readonly what: string;
}

/**
 * Refuses a run that would write a file that it also reads, or writes for another purpose: results, and the files next
 * to them. Compares names and, because of links, other spellings and mounts, the files that they lead to.
 */
export async function refuseSharedFiles(
  inputs: readonly InputFile[],
  outputs: readonly OutputTarget[],
  progress: string | undefined,
): Promise<void> {
  const known = new Map<string, Use>();
  const add = async (use: Use, isWritten: boolean): Promise<void> => {
    const names = [`name ${use.path}`, ...(await identityOf(use.path))];
    const other = names.map((name) => known.get(name)).find((found) => found !== undefined);
    if (isWritten && other !== undefined) throw sharedFile(use, other);
    for (const name of names) known.set(name, use);
  };
  for (const { path, message } of inputs) await add({ path, what: `the input of ${message}` }, false);
  for (const { path, message } of outputs) await add({ path, what: `the output of ${message}` }, true);
  for (const use of filesBeside(outputs, progress)) {
    await refuseForeign(use.path, use.what);
    await add(use, true);
  }
}

function filesBeside(outputs: readonly OutputTarget[], progress: string | undefined): Use[] {
  const partials = outputs
    .filter(({ isStream }) => !isStream)
    .flatMap(({ partial, message }) => withFresh({ path: partial, what: `the partial results of ${message}` }));
  if (progress === undefined) return partials;
  return [...partials, ...withFresh({ path: progress, what: 'the progress of the group' })];
}

/** A file that replaces another is written next to it first. */
function withFresh(use: Use): Use[] {
  return [use, { ...use, path: freshName(use.path) }];
}

async function identityOf(path: string): Promise<string[]> {
  const state = await fs.stat(path, { bigint: true }).catch(() => undefined);
  return state?.isFile() ? [`file ${state.dev} ${state.ino}`] : [];
}

function sharedFile({ path, what }: Use, other: Use): WaterMillError {
  const found = other.path === path ? other.what : `${other.what} (as ${other.path})`;
  return new WaterMillError(
    'WM_SAME_FILE',
    `${path} would be written as ${what}, but is ${found} as well. Give every result class its own file, with another name.`,
    { stream: path, expected: 'a file for one use', found },
  );
}
