import type { MessageClass } from '../../base/class.js';
import { notesOf } from '../plan/find/process-description.js';
import { expectMethod, refuseUncalled } from './decorated-method.js';

type UnmatchedMethodDecorator<T> = <F extends (element: T, ...injected: any[]) => unknown>(
  target: object,
  key: string | symbol,
  descriptor: TypedPropertyDescriptor<F>,
) => void;

/**
 * Marks the method that receives the elements of one of the master's children that were in no group of a surviving
 * master element: the other half of a full join. The child is the class of the first parameter, or the argument (which
 * makes metadata unnecessary). Further parameters come from the container. Its results are written like those of the
 * process method; a class that only it emits is found in its return annotation, otherwise add it to `emits`.
 *
 * It is called just before the first master element that passes the child element. The mill then reads all its streams
 * to their ends. Only for equality and interval edges of kind inner or left (`WM_UNMATCHED`).
 *
 * @example @Unmatched() lonely(weather: Weather): NoFlight { … }
 */
export function Unmatched<T = any>(message?: MessageClass<T>): UnmatchedMethodDecorator<T>;
export function Unmatched(
  ...given: readonly [message?: MessageClass<any>, ...unknown[]]
): UnmatchedMethodDecorator<any> {
  refuseUncalled('@Unmatched()', given);
  const [message] = given;
  return (target, key, descriptor) => {
    expectMethod('@Unmatched()', target, key, descriptor);
    notesOf(target).unmatched.push({ key, message });
  };
}
