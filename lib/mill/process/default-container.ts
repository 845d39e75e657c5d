import { isLoaded } from '../../base/loaded-package.js';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Container } from '../plan/plan-options.js';

/**
 * The container for a token if the mill has none: tsyringe's, which is loaded only for tokens that only it can resolve.
 * Loading it takes a tenth of a short program's time, and most mills only need `new`.
 */
export function containerFor(token: unknown): Container {
  return isMadePlainly(token) && !isLoaded('tsyringe') ? plainContainer : defaultContainer();
}

const plainContainer: Container = { resolve: (token: new () => object) => new token() };

/** Instantiates an unregistered class, as tsyringe does. tsyringe keeps track of disposable instances. */
function isMadePlainly(token: unknown): boolean {
  return typeof token === 'function' && token.length === 0 && isConstructor(token) && !('dispose' in token.prototype);
}

function isConstructor(token: Function): boolean {
  return typeof token.prototype === 'object' && token.prototype !== null;
}

function defaultContainer(): Container {
  try {
    return (require('tsyringe') as { container: Container }).container;
  } catch (cause) {
    const reason = reasonOf(cause).split('\\n')[0];
    throw new WaterMillError(
      'WM_CONTAINER',
      `tsyringe, the default container, could not be loaded: ${reason}. Run \`npm install tsyringe reflect-metadata\` and ` +
        "write import 'reflect-metadata' as the first line of the program; or give the mill a container of your own, { resolve: (token) => … }.",
      {},
      { cause },
    );
  }
}
