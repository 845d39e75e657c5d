import type { KeyDistance } from '../distance.js';

/** The maximum number of windows that an element may be in: each is a call. */
const most = 1_000_000;

/** What the step of windows must be, if elements were in too many of them. */
export function expectedStep(size: KeyDistance, every: KeyDistance): string | undefined {
  if (Number(size) / Number(every) <= most) return undefined;
  return `at least a ${most.toLocaleString('en')}th part of the size, since each element is in size / every windows`;
}
