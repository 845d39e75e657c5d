import type { Class } from '../../base/class.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { notesOf } from '../plan/find/process-description.js';
import { classNameOf, expectLegacyDecorator, refuseUncalled } from './decorated-method.js';
import type { Token } from './process-options.js';

type ParameterDecorator = (target: object, key: string | symbol | undefined, index: number) => void;

/** The same, of a class: the compiler checks the type of the parameter, where it sees it. */
type CheckedDecorator<X> = <T extends object, K extends string | symbol | undefined, I extends number>(
  target: T,
  key: K,
  index: unknown extends X
    ? I
    : [X] extends [ParameterOf<T, K, I>]
      ? I
      : I & TheParameterDoesNotTakeThis<X, ParameterOf<T, K, I>>,
) => void;

/** Of a private method the compiler tells nothing. */
type ParameterOf<T, K, I extends number> = K extends keyof T
  ? T[K] extends (...args: infer P) => any
    ? P[I]
    : any
  : any;

/** What the compiler shows where a parameter is of another type than its token. */
export interface TheParameterDoesNotTakeThis<Given, Parameter> {
  'WaterMill: the parameter does not take what its token stands for': never;
  given: Given;
  parameter: Parameter;
}

/**
 * Says by which token a parameter of the process method comes from the mill's container, where its type does not say
 * it: an interface, a string, a symbol. For parameters of a constructor use the container's own decorator (tsyringe:
 * `inject`), which in turn is lost on a method's parameter. Of a class, such as one of `table()`, the compiler checks that the parameter takes what it resolves to.
 *
 * @example @Process() measure(here: RobotLocation, @Inject('units') units: UnitSystem): RobotSpeed { … }
 */
export function Inject<X>(token: Class<X>): CheckedDecorator<X>;
export function Inject(token: string | symbol | { readonly token: unknown }): ParameterDecorator;
export function Inject(...given: readonly [token: Token, ...unknown[]]): ParameterDecorator {
  refuseUncalled('@Inject()', given);
  const [token] = given;
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
          'A circular import gives undefined for a class that is not defined yet: move the class to its own file.',
      );
    }
    notesOf(target).tokens.push({ key, index, token });
  };
}
