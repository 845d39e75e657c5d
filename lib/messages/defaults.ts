import { reasonOf } from '../base/thrown.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { MessageSchema } from './message-schema.js';

const known = new WeakMap<MessageSchema, ReadonlySet<string>>();

/** The properties to which the class itself gives a value: one element is made to see them. */
export function defaultsOf(schema: MessageSchema): ReadonlySet<string> {
  let defaults = known.get(schema);
  if (defaults === undefined) {
    const blank = makeBlank(schema);
    const properties = schema.fields.map((field) => field.property);
    defaults = new Set(
      properties.filter((property) => Object.hasOwn(blank, property) && blank[property] !== undefined),
    );
    known.set(schema, defaults);
  }
  return defaults;
}

function makeBlank(schema: MessageSchema): any {
  try {
    return new schema.message();
  } catch (cause) {
    throw new WaterMillError(
      'WM_MESSAGE_CONSTRUCTOR',
      `${schema.name} cannot be made with new ${schema.message.name}(): its constructor threw: ${reasonOf(cause)}. ` +
        'Elements are made without arguments and filled afterwards: give the constructor none, or defaults.',
      { message: schema.name },
      { cause },
    );
  }
}
