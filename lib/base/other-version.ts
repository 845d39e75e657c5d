import { isMadeByAny, type LoadedCopy, otherVersionOf, thisCopy } from './loaded-copies.js';
import { safely } from './shown-value.js';
import { WaterMillError } from './watermill-error.js';

/** Throws for an object of another version of this package, before it is mistaken for something else. */
export function refuseOtherVersion(what: string, value: unknown): void {
  const other = isObject(value) ? safely(() => otherVersionOf(value)) : undefined;
  if (other !== undefined) throw otherVersion(what, other);
}

/** Like `refuseOtherVersion`, for a description and all of its parts. */
export function refuseOtherVersions(what: string, value: unknown, seen = new Set<object>()): void {
  if (!isObject(value) || seen.has(value)) return;
  seen.add(value);
  refuseOtherVersion(what, value);
  const isList = safely(() => Array.isArray(value)) === true;
  // Only objects of this package are searched: others belong to the user.
  if (!isList && !(isMadeByAny(value) && 'what' in value)) return;
  for (const part of Object.values(value)) refuseOtherVersions(what, part, seen);
}

function otherVersion(what: string, other: LoadedCopy): WaterMillError {
  return new WaterMillError(
    'WM_OTHER_VERSION',
    `${what} comes from watermill ${other.version} in ${other.path}, but this is watermill ${thisCopy.version} in ${thisCopy.path}. ` +
      'Two versions are loaded, and they do not work together: install one for both (`npm ls watermill` shows ' +
      'who depends on which), and do not link a package that has its own copy.',
    {
      expected: `watermill ${thisCopy.version}`,
      found: `watermill ${other.version}`,
      paths: [thisCopy.path, other.path],
    },
  );
}

function isObject(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}
