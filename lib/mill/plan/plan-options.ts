import type { Class } from '../../base/class.js';
import type { Broker } from '../../brokers/broker.js';
import { describeValue } from './in-words.js';
import type { InputOptions } from './input-options.js';
import { checkNames, checkOneObject, wrongOption } from './option-checks.js';
import { brokerOptions, inputOptions, millOptions, processOptions } from './option-places.js';

/** Resolves injected parameters, like tsyringe's container; may return a promise. */
export interface Container {
  resolve(token: any): any;
}

/** The options of a mill that are part of its plan. */
export interface PlanOptions {
  readonly process: unknown;
  readonly joinTree?: unknown;
  readonly stream?: unknown;
  /** At least one, each once. */
  readonly brokers: readonly Broker[];
  readonly outputBroker?: Broker;
  readonly container?: Container;
  readonly inputs?: readonly (readonly [message: Class, options: InputOptions<any>])[];
}

/**
 * Throws if the argument is not an object of options, for unknown names, and for objects without the required methods.
 */
export function checkMillOptions(given: unknown, furtherNames: readonly string[]): PlanOptions {
  checkOneObject(given, 'A mill', 'new WaterMill({ process, joinTree, broker })');
  const { names } = millOptions(furtherNames);
  checkNames(given, names, 'A mill', [inputOptions, processOptions, brokerOptions]);
  const options = given as PlanOptions;
  if (options.process === undefined || options.process === null) {
    throw wrongOption(
      `process is ${options.process}: expected a class with a @Process method, an instance of one, or a processFunction. ` +
        'If it is imported, look for a circular import.',
    );
  }
  if (options.process === process) {
    throw wrongOption(
      "process is the global object of Node, since there is no variable of that name: { process } means Node's. " +
        'Write process: and a class with a @Process method, an instance of one, or a processFunction.',
    );
  }
  const brokers = checkBrokers((given as { readonly broker?: unknown }).broker);
  if (options.outputBroker !== undefined) checkBroker('outputBroker', options.outputBroker);
  if (options.container !== undefined && typeof options.container?.resolve !== 'function') {
    throw wrongOption(
      `container: expected an object with a method resolve(token), found ${describeValue(options.container)}. ` +
        "Give a container such as tsyringe's, or { resolve: (token) => … }.",
    );
  }
  return { ...options, brokers };
}

function checkBrokers(given: unknown): readonly Broker[] {
  if (!Array.isArray(given)) {
    checkBroker('broker', given);
    return [given as Broker];
  }
  if (given.length === 0) throw wrongOption('broker: expected a broker or several, found an empty array.');
  for (const [i, broker] of given.entries()) {
    checkBroker(`broker[${i}]`, broker);
    if (given.indexOf(broker) < i) {
      throw wrongOption(
        `broker[${i}]: this ${broker.name} is in the list already, as broker[${given.indexOf(broker)}].`,
      );
    }
  }
  return given;
}

function checkBroker(name: string, value: unknown): void {
  const broker = value as Partial<Broker> | undefined | null;
  if (typeof broker?.streamOf === 'function' && typeof broker.connect === 'function') return;
  throw wrongOption(
    `${name}: expected a broker, found ${describeValue(value)}. ` +
      "Give for example new JsonFileMessageBroker([[Location, 'locations.json']]).",
  );
}
