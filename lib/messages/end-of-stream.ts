import { sharedClass } from '../base/loaded-copies.js';
/**
 * The mark that a stream ends here. Found in an input, it ends that stream; returned by the process function, or
 * yielded last, it ends the mill. The mill writes it once to every output that has such a mark; the end of a file is one.
 *
 * @example
 * ```ts
 * @Process({ emits: [RobotSpeed] })
 * measure(here: RobotLocation) {
 *   return here.time > LAST ? new EndOfStream() : message(RobotSpeed, { … });
 * }
 * ```
 */
@sharedClass('EndOfStream')
export class EndOfStream {
  /** Makes the class distinguishable for the compiler: no other object is one by accident. */
  readonly endOfStream = true;
}
