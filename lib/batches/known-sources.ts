import { WaterMillError } from '../base/watermill-error.js';
import { cannotRepeat } from './batch-failures.js';
import type { BatchStreamOptions } from './batch-stream-options.js';
import type { KnownSources, StreamDirectory } from './stream-directory.js';

/**
 * Compares the sources of a stream with those known in its directory, and records changes; also that the batch that was
 * begun is dropped, if the options say so.
 *
 * @throws WaterMillError `WM_PLAN_CHANGED` if one was added or is missing, and the options do not allow it, or if the
 * batch that was begun needs one that is missing. Then nothing is recorded.
 */
export async function settleSources(
  stream: StreamDirectory,
  names: readonly string[],
  { added, removed, onRestart }: Pick<BatchStreamOptions<unknown>, 'added' | 'removed' | 'onRestart'>,
): Promise<void> {
  const known = new Map(Object.entries(stream.sources ?? {}));
  const isNew = stream.sources === undefined;
  const fresh = names.filter((name) => !known.has(name));
  const gone = [...known.keys()].filter((name) => !names.includes(name));
  if (!isNew && fresh.length > 0 && added === undefined) {
    throw changed(
      stream,
      names,
      `has no source ${fresh.join(', ')}`,
      "`added: 'from the beginning'` reads it from there",
    );
  }
  if (gone.length > 0 && removed === undefined) {
    throw changed(
      stream,
      names,
      `has a source ${gone.join(', ')} as well`,
      "`removed: 'forget'` gives up its position",
    );
  }
  const needed = gone.find((name) => Object.hasOwn(stream.open?.bounds ?? {}, name));
  if (onRestart === 'decide anew') await stream.dropOpen();
  else if (needed !== undefined) throw cannotRepeat(stream, needed);
  if (!isNew && fresh.length === 0 && gone.length === 0) return;
  const from = stream.lastCommit?.id ?? 0;
  const sources: KnownSources = Object.fromEntries(names.map((name) => [name, known.get(name) ?? from]));
  await stream.keepSources(sources);
}

function changed(
  { directory }: StreamDirectory,
  names: readonly string[],
  found: string,
  wayOut: string,
): WaterMillError {
  return new WaterMillError(
    'WM_PLAN_CHANGED',
    `The batch stream in ${directory} ${found}; it was given ${names.join(', ')}. Give the sources that it had, or say what ` +
      `the change means: ${wayOut}.`,
    { stream: directory, expected: 'the sources of before', found: names.join(', ') },
  );
}
