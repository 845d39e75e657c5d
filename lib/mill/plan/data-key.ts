import { sharedClass } from '../../base/loaded-copies.js';
/**
 * A parameter of this type identifies the call in progress, and means that its results come later: the call stays open
 * until `mill.saveResults(key, results)` is called for it, from anywhere, in any order. Under a window it identifies
 * the window.
 *
 * Results are written, and positions move, in the order of the calls, in whatever order they are saved; elements
 * without saved results are processed again after a restart. Results that the function itself returns belong to the
 * same call and are written before the saved ones. Since the return type does not show them, list the classes of the
 * results in `emits`.
 *
 * @example
 * processFunction(Photo, { inject: [DataKey], emits: [Label] }, (photo, key) => {
 *   worker.postMessage({ id: key.id, photo });           // later: mill.saveResults(id, label)
 * })
 */
@sharedClass('DataKey')
export class DataKey {
  /** Makes the type nominal: other objects may have an id, too. */
  declare private readonly brand: 'DataKey';

  constructor(
    /** Identifies the key outside of the process: in a message to a worker, a URL, a log line. */
    readonly id: string,
  ) {}

  toString(): string {
    return this.id;
  }
}
