import { refuseOtherVersions } from '../../../base/other-version.js';
import type { FoundProcess } from './find-process.js';
import { readMetadata } from './metadata.js';

const mayBeMade = ['process', 'joinTree', 'stream', 'broker', 'outputBroker', 'inputs'];

/** Refuses options of a mill that another version of this package has made. */
export function refuseOtherVersionsIn(options: Readonly<Record<string, unknown>>): void {
  for (const name of mayBeMade) refuseOtherVersions(`${name}: this, or a part of it,`, options[name]);
}

/** Refuses what its decorators and its metadata name of another version. */
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
