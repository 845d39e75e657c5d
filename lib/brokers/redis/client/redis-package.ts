import { missingPackage } from '../../../base/missing-package.js';

/** The client library, an optional peer: only importing `watermill/redis` requires it. */
export const redis = load();

function load(): typeof import('redis') {
  try {
    return require('redis');
  } catch (cause) {
    throw missingPackage('redis', 'watermill/redis', 'WM_REDIS_MISSING', cause);
  }
}
