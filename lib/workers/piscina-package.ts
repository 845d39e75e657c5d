import { WaterMillError } from '../base/watermill-error.js';

/** The thread pool, an optional peer: only `workerProcess` needs it. */
export function loadPiscina(): typeof import('piscina').Piscina {
  try {
    return require('piscina').Piscina;
  } catch (cause) {
    throw new WaterMillError(
      'WM_WORKER',
      'workerProcess needs the package piscina, which cannot be loaded. Run npm install piscina.',
      { expected: 'the package piscina', found: (cause as Error).message.split('\n')[0] },
      { cause },
    );
  }
}
