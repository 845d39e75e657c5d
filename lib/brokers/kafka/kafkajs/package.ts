import { missingPackage } from '../../../base/missing-package.js';

/** The client library, an optional peer: only importing `watermill/kafka` requires it. */
export const kafkajs = load();

function load(): typeof import('kafkajs') {
  try {
    return require('kafkajs');
  } catch (cause) {
    throw missingPackage('kafkajs', 'watermill/kafka', 'WM_KAFKAJS_MISSING', cause);
  }
}
