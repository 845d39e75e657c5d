import { WaterMillError } from '../../../base/watermill-error.js';

/** The client library, an optional peer: only importing `watermill/kafka` requires it. */
export const kafkajs = load();

function load(): typeof import('kafkajs') {
  try {
    return require('kafkajs');
  } catch (cause) {
    throw new WaterMillError(
      'WM_KAFKAJS_MISSING',
      'watermill/kafka needs the package kafkajs, which cannot be loaded. Run npm install kafkajs.',
      { expected: 'the package kafkajs', found: (cause as Error).message.split('\n')[0] },
      { cause },
    );
  }
}
