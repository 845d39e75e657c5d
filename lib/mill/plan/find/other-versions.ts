import { refuseOtherVersions } from '../../../base/other-version.js';
import type { FoundProcess } from './find-process.js';
import { readMetadata } from './metadata.js';

const mayBeMade = ['process', 'joinTree', 'stream', 'broker', 'outputBroker', 'inputs'];

/** Throws for options of a mill that were made by another version of this package. */
export function refuseOtherVersionsIn(options: Readonly<Record<string, unknown>>): void {
  for (const name of mayBeMade) refuseOtherVersions(`${name}: this, or a part of it,`, options[name]);
}

/** Throws for classes of another version in the decorators and the metadata of a process. */
export function refuseOtherVersionsInProcess(process: FoundProcess): void {
  const { name, source, settings } = process;
  const { emits, inject } = settings ?? {};
  refuseOtherVersions(`${name}: its source, or a part of it,`, source);
  refuseOtherVersions(`${name}: what it injects or emits`, [inject, emits]);
  if (process.what === 'function') return;
  const { parameters, returns } = readMetadata(process.prototype, process.callee);
  refuseOtherVersions(`${name}: the type of a parameter`, parameters);
  refuseOtherVersions(`${name}: the type of its result`, returns);
  refuseOtherVersions(
    `${name}: what @Inject names`,
    process.tokens.map(({ token }) => token),
  );
}
