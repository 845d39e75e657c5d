import { WaterMillError } from '../../base/watermill-error.js';
import { notesOf } from '../plan/find/process-description.js';
import { classNameOf, expectLegacyDecorator } from './decorated-method.js';
import type { Token } from './process-options.js';

type ParameterDecorator = (target: object, key: string | symbol | undefined, index: number) => void;

/**
 * Says by which token a parameter of the process method comes from the mill's container, where its type does not say
 * it: an interface, a string, a symbol. For parameters of a constructor use the container's own decorator (tsyringe:
 * `inject`), which in turn is lost on a method's parameter.
 *
 * @example @Process() measure(here: RobotLocation, @Inject('units') units: UnitSystem): RobotSpeed { … }
 */
export function Inject(token: Token): ParameterDecorator {
  return (target, key, index) => {
    expectLegacyDecorator('@Inject()', key);
    if (key === undefined || typeof target === 'function') {
      throw new WaterMillError(
        'WM_PROCESS_DECORATOR',
        `@Inject() on parameter ${index + 1} of ${key === undefined ? `the constructor of ${classNameOf(target)}` : `the static ${classNameOf(target)}.${String(key)}`}: ` +
          "it serves the process method. In a constructor use your container's own decorator, tsyringe's `@inject(token)`.",
      );
    }
    if (token === undefined || token === null) {
      throw new WaterMillError(
        'WM_PROCESS_DECORATOR',
        `@Inject() on parameter ${index + 1} of ${classNameOf(target)}.${String(key)}: the token is ${token}. ` +
          'A circular import gives undefined for a class that is not defined yet: move the class to a file of its own.',
      );
    }
    notesOf(target).tokens.push({ key, index, token });
  };
}
