import { WaterMillError } from '../../base/watermill-error.js';

/** The client library, an optional peer: only importing `watermill/redis` requires it. */
export const redis = load();

function load(): typeof import('redis') {
  try {
    return require('redis');
  } catch (cause) {
    throw new WaterMillError(
      'WM_REDIS_MISSING',
      'watermill/redis needs the package redis, which cannot be loaded. Run npm install redis.',
      { expected: 'the package redis', found: (cause as Error).message.split('\n')[0] },
      { cause },
    );
  }
}
