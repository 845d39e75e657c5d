import { thrownSentence } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { MessageSchema } from './message-schema.js';

const made = new WeakMap<MessageSchema, object>();

/** An element as created by its class, which shows the initial values of the class. It must not be changed. */
export function blankOf(schema: MessageSchema): any {
  let blank = made.get(schema);
  if (blank === undefined) {
    blank = makeBlank(schema);
    made.set(schema, blank);
  }
  return blank;
}

function makeBlank(schema: MessageSchema): object {
  try {
    return new schema.message();
  } catch (cause) {
    throw new WaterMillError(
      'WM_MESSAGE_CONSTRUCTOR',
      `${schema.name} cannot be made with new ${schema.message.name}(): its constructor threw: ${thrownSentence(cause)} ` +
        'Elements are made without arguments and filled afterwards: give the constructor none, or defaults.',
      { message: schema.name },
      { cause },
    );
  }
}
