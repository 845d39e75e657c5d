import { freshName } from '../../../files/durable-files.js';
import type { FileUse, UsedFiles } from '../../used-files.js';
import type { InputFile } from '../input-file.js';
import { refuseForeign } from './output-place.js';
import type { OutputTarget } from './output-target.js';

/**
 * Refuses a run that would write a file that it also reads, or writes for another purpose: results, and the files next
 * to them.
 */
export async function refuseSharedFiles(
  files: UsedFiles,
  inputs: readonly InputFile[],
  outputs: readonly OutputTarget[],
  progress: string | undefined,
): Promise<void> {
  for (const { path, message } of inputs) {
    await files.add({ path, what: `the input of ${message}`, isWritten: false });
  }
  for (const { path, message } of outputs) {
    await files.add({ path, what: `the output of ${message}`, isWritten: true });
  }
  for (const use of filesBeside(outputs, progress)) {
    await refuseForeign(use.path, use.what);
    await files.add(use);
  }
}

function filesBeside(outputs: readonly OutputTarget[], progress: string | undefined): FileUse[] {
  const partials = outputs
    .filter(({ isStream }) => !isStream)
    .flatMap(({ partial, message }) => withFresh(partial, `the partial results of ${message}`));
  if (progress === undefined) return partials;
  return [...partials, ...withFresh(progress, 'the progress of the group')];
}

/** A file that replaces another is written next to it first. */
function withFresh(path: string, what: string): FileUse[] {
  return [path, freshName(path)].map((name) => ({ path: name, what, isWritten: true }));
}
