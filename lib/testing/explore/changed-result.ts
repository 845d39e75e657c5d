import { safely } from '../../base/shown-value.js';

/** A result that has changed since its call returned it. */
export interface Changed {
  readonly what: 'result changed' | 'results added' | 'same object' | 'earlier result changed';
  readonly before: string;
  readonly after: string;
}

/** An element as a result. */
export interface Kept {
  /** Its taken form. */
  readonly taken: string;
  /** Takes it again, as it is now. */
  readonly again: () => string;
}

/** The change of a result since it was taken, if any. */
export function changeIn({ taken, again }: Kept, what: Changed['what']): Changed | undefined {
  const after = safely(again) ?? 'something that cannot be written';
  return after === taken ? undefined : { what, before: taken, after };
}
