import { sharedClass } from '../base/loaded-copies.js';
/**
 * The mark of the end of a stream. In an input, it ends that stream; returned by the process function, or yielded last,
 * it ends the mill. The mill writes it once to every output that supports it; for a file, it is the end of the file.
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
  /** Makes the type nominal: no other object has it by accident. */
  readonly endOfStream = true;
}
