import type { MessageClass } from '../base/class.js';
import { Message } from './message-decorator.js';
import { schemaOf } from './schema.js';

/**
 * The brand of a class made by `alias`, visible only to the compiler. Its key is a string, so that users can emit
 * declarations.
 */
export interface NamedNode<N extends string> {
  readonly '~node': N;
}

/**
 * Makes a new message class with the fields of another, to use the same stream as another node of a join tree. The
 * compiler distinguishes its elements from those of the class itself; a plain `extends` without new members does not.
 *
 * @param name The name of the node in plans, errors and commits; unique.
 * @throws WaterMillError if `message` is not a message class, or the name is empty.
 * @example
 * ```ts
 * const Robot3 = alias(RobotLocation, 'robot-3');           // made at run time, for N streams of one type
 * class NextLocation extends alias(RobotLocation, 'next') {} // with a name to use as a type
 * ```
 */
export function alias<T, const N extends string>(message: MessageClass<T>, name: N): MessageClass<T & NamedNode<N>> {
  schemaOf(message);
  const base = message as MessageClass<any>;
  const made = { [name]: class extends base {} }[name] as MessageClass<any>;
  Message({ name })(made);
  return made;
}
