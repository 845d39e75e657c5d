import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Container } from '../plan/mill-options.js';

/** tsyringe's container. It is loaded when something is asked of it: a mill of plain functions does not need it. */
export function defaultContainer(): Container {
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
