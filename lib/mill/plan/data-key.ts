import { sharedClass } from '../../base/loaded-copies.js';
/**
 * A parameter of this type names the call in progress, and says that its results come later: the call stays open until
 * `mill.saveResults(key, results)` is called for it, from anywhere, in any order. Under a window it names the window.
 *
 * Results are written, and positions move, in the order of the calls, whatever order they are saved in; what was never
 * saved is processed again after a restart. What the function itself returns belongs to the same call and is written
 * before what is saved for it. Since metadata shows no more than that a method returns nothing, name the classes of the
 * results in `emits`.
 *
 * @example
 * processFunction(Photo, { inject: [DataKey], emits: [Label] }, (photo, key) => {
 *   worker.postMessage({ id: key.id, photo });           // later: mill.saveResults(id, label)
 * })
 */
@sharedClass('DataKey')
export class DataKey {
  /** Tells the compiler a key from other objects that have an id. */
  declare private readonly brand: 'DataKey';

  constructor(
    /** Stands for the key where an object cannot go: in a message to a worker, a URL, a log line. */
    readonly id: string,
  ) {}

  toString(): string {
    return this.id;
  }
}
