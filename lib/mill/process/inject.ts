import type { Class } from '../../base/class.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { notesOf } from '../plan/find/process-description.js';
import { classNameOf, expectLegacyDecorator, refuseUncalled } from './decorated-method.js';
import type { Token } from './process-options.js';

type ParameterDecorator = (target: object, key: string | symbol | undefined, index: number) => void;

/** A decorator for a class as token: the compiler checks the type of the parameter, if it is visible. */
type CheckedDecorator<X> = <T extends object, K extends string | symbol | undefined, I extends number>(
  target: T,
  key: K,
  index: unknown extends X
    ? I
    : [X] extends [ParameterOf<T, K, I>]
      ? I
      : I & TheParameterDoesNotTakeThis<X, ParameterOf<T, K, I>>,
) => void;

/** The parameters of a private method are not visible. */
type ParameterOf<T, K, I extends number> = K extends keyof T
  ? T[K] extends (...args: infer P) => any
    ? P[I]
    : any
  : any;

/** The compiler's error for a parameter whose type differs from that of its token. */
export interface TheParameterDoesNotTakeThis<Given, Parameter> {
  'WaterMill: the parameter does not take what its token stands for': never;
  given: Given;
  parameter: Parameter;
}

/**
 * Names the token by which a parameter of the process method is resolved from the mill's container, if its type does
 * not: an interface, a string, a symbol. For parameters of a constructor use the container's own decorator (tsyringe:
 * `inject`), which in turn has no effect on a method's parameter. For a class, such as one of `table()`, the compiler
 * checks that the parameter accepts its instances.
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
          'In a circular import, a class that is not defined yet is undefined: move the class to its own file.',
      );
    }
    notesOf(target).tokens.push({ key, index, token });
  };
}
