import { safely } from '../../base/shown-value.js';

/** A result that is not what it was when its call gave it. */
export interface Changed {
  readonly what: 'result changed' | 'results added' | 'same object' | 'earlier result changed';
  readonly before: string;
  readonly after: string;
}

/** An element as a result. */
export interface Kept {
  /** As it was taken. */
  readonly taken: string;
  /** As it would be taken now. */
  readonly again: () => string;
}

/** How a result has changed since it was taken. */
export function changeIn({ taken, again }: Kept, what: Changed['what']): Changed | undefined {
  const after = safely(again) ?? 'something that cannot be written';
  return after === taken ? undefined : { what, before: taken, after };
}
