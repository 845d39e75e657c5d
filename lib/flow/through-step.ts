import { copyOfKey, type Key, keyType } from '../expressions/key.js';
import { copierOf } from '../messages/copy.js';
import type { Push } from './flow-call.js';
import type { ThroughStep } from './flow-steps.js';
import { wrongValue } from './step-checks.js';

/** Writes elements to the stream of their class. Passes on a copy, like an element that is read from there. */
export function throughStep({ message, fn, passesOn }: ThroughStep, next: Push, flow: string): Push {
  const copyOf = copierOf(message);
  const place = `${flow}: through(${message.name})`;
  return (element, _key, call) => {
    if (element === undefined || element === null) return undefined;
    if (!(element instanceof message)) {
      const fix = ` Make one in the step before it: message(${message.name}, { … }).`;
      throw wrongValue(`${place} was given`, `an element of ${message.name}`, element, fix);
    }
    const key = fn(element);
    if (keyType(key) === undefined) {
      throw wrongValue(
        `${place}: the key is`,
        'a number (not NaN), bigint, string, boolean or valid Date, or a tuple of them that is neither empty nor nested; not a promise',
        key,
      );
    }
    call.emit(element);
    return passesOn ? next(copyOf(element), copyOfKey(key as Key), call) : undefined;
  };
}
