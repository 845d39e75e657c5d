import { missingPackage } from '../base/missing-package.js';
import { thrownSentence } from '../base/thrown.js';
import { CodecProblem } from './field-problem.js';
import type { MessageSchema } from './message-schema.js';

/** The part of class-transformer, an optional peer, that is used. */
interface ClassTransformer {
  plainToInstance(message: Function, plain: unknown): unknown;
  instanceToPlain(element: object): unknown;
}

let loaded: ClassTransformer | undefined;

/** Loads class-transformer when the first class needs it. */
export function classTransformerFor(schema: MessageSchema): ClassTransformer {
  try {
    loaded ??= require('class-transformer') as ClassTransformer;
    return loaded;
  } catch (cause) {
    throw missingPackage(
      'class-transformer',
      `${schema.name} with codec: 'class-transformer'`,
      'WM_CLASS_TRANSFORMER_MISSING',
      cause,
      { message: schema.name },
    );
  }
}

/** Converts an element whose fields were checked to a plain object with class-transformer. */
export function plainByClassTransformer(schema: MessageSchema, element: object, path: string): unknown {
  const { instanceToPlain } = classTransformerFor(schema);
  return guarded(path, 'write', () => instanceToPlain(element));
}

/** Runs class-transformer; an error that it throws for an odd message becomes a problem of that message. */
export function guarded<R>(path: string, verb: string, call: () => R): R {
  try {
    return call();
  } catch (cause) {
    const subject = path === '' ? 'the message' : `field ${path}`;
    throw new CodecProblem(path, `class-transformer could not ${verb} ${subject}: ${thrownSentence(cause)}`, { cause });
  }
}
