import type { MessageClass } from '../../../base/class.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import { EndOfStream } from '../../../messages/end-of-stream.js';
import { checkedSchemaOf, isMessageClass } from '../../../messages/schema.js';
import { describeValue } from '../in-words.js';
import type { FoundMethod, FoundProcess } from './find-process.js';
import { missingMetadata, printType, readMetadata } from './metadata.js';

/** The classes of the results: those of `emits`, otherwise that of the return annotation. */
export function findEmits(process: FoundProcess): MessageClass<any>[] {
  const { emits } = process.settings;
  if (emits !== undefined) return checkEmits(process.name, emits);
  return process.what === 'function' ? [] : emitsOfMethod(process, process.callee, process.name);
}

/** The class of a method's return annotation: none for `void`, or one message class. */
export function emitsOfMethod(process: FoundMethod, key: string | symbol, name: string): MessageClass<any>[] {
  const { parameters, returns } = readMetadata(process.prototype, key);
  if (parameters === undefined) throw missingMetadata(name, 'return type');
  if (returns === undefined || returns === EndOfStream) return [];
  if (isMessageClass(returns)) return checkEmits(name, [returns]);
  const found = printType(returns);
  throw new WaterMillError(
    'WM_EMITS',
    `${name}: metadata shows ${found} as its return type, which does not say what it emits. ` +
      'Only one message class or void can be seen there (not a union, an array, a promise, a generator): ' +
      'list the classes of the results, @Process({ emits: [Result] }), or [] for none.',
    { method: name, expected: 'one message class or void', found },
  );
}

function checkEmits(name: string, emits: readonly unknown[]): MessageClass<any>[] {
  if (!Array.isArray(emits)) {
    throw new WaterMillError(
      'WM_EMITS',
      `${name}: emits must be an array of message classes, found ${describeValue(emits)}.`,
    );
  }
  for (const each of emits) {
    if (isMessageClass(each)) {
      checkedSchemaOf(each);
      continue;
    }
    const fix =
      each === EndOfStream
        ? 'Every process may return it: leave it out.'
        : 'Write @Message() above the class, and look for a circular import if it is undefined.';
    throw new WaterMillError(
      'WM_EMITS',
      `${name}: emits lists ${describeValue(each)}, which is not a message class. ${fix}`,
    );
  }
  return [...new Set(emits)] as MessageClass<any>[];
}
