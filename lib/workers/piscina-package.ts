import { missingPackage } from '../base/missing-package.js';

/** The thread pool, an optional peer: only `workerProcess` needs it. */
export function loadPiscina(): typeof import('piscina').Piscina {
  try {
    return require('piscina').Piscina;
  } catch (cause) {
    throw missingPackage('piscina', 'workerProcess', 'WM_WORKER', cause);
  }
}
