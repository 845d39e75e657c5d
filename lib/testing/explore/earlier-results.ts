import { type Changed, changeIn, type Kept } from './changed-result.js';

/** The number of results that are checked after each call. */
const most = 64;

/**
 * Detects results of earlier calls that a later call changes while it returns others: they were already written, so the
 * change is lost. A process that reuses its objects changes them as well, legitimately; it is recognized by the fact
 * that it returns the same objects again.
 */
export class EarlierResults {
  private found: Changed | undefined;
  private isReusing = false;
  private readonly known = new WeakSet<object>();
  private readonly recent = new Map<object, Kept>();

  /** The fault, once all calls were made. */
  get changed(): Changed | undefined {
    return this.isReusing ? undefined : this.found;
  }

  /** Notes the end of a call, with its results. */
  callEnded(elements: ReadonlyMap<object, Kept>): void {
    const given = new Set<unknown>([...elements.keys()].map((element) => element.constructor));
    for (const [element, kept] of this.recent)
      if (given.has(element.constructor)) this.found ??= changeIn(kept, 'earlier result changed');
    for (const [element, kept] of elements) this.add(element, kept);
  }

  private add(element: object, kept: Kept): void {
    this.isReusing ||= this.known.has(element);
    this.known.add(element);
    this.recent.set(element, kept);
    if (this.recent.size <= most) return;
    for (const [oldest] of this.recent) {
      this.recent.delete(oldest);
      return;
    }
  }
}
