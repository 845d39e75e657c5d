import { compile } from '../base/compile.js';
import { madeOnce } from '../base/made-once.js';
import { copyValue } from './copy.js';
import type { FieldType } from './field-type.js';
import type { MessageSchema } from './message-schema.js';

type Unshare = (element: any) => void;

/**
 * Replaces parts of an element that it may share with the value it was read from by copies: free JSON, Dates, elements
 * of other classes. False if its class has no such fields.
 */
export const unsharingOf: (schema: MessageSchema) => Unshare | false = madeOnce((schema) => {
  const properties = schema.fields.filter(({ type }) => mayShare(type)).map(({ property }) => property);
  return properties.length === 0 ? false : makeUnshare(properties);
});

function mayShare(type: FieldType): boolean {
  if (type.kind === 'array') return mayShare(type.element);
  return type.kind === 'json' || type.kind === 'date' || type.kind === 'message';
}

function makeUnshare(properties: readonly string[]): Unshare {
  const texts = properties.map((property) => {
    const target = `element[${JSON.stringify(property)}]`;
    return `value = ${target}; if (typeof value === 'object' && value !== null) ${target} = copyValue(value);`;
  });
  const generated = compile<Unshare>({ copyValue }, `return (element) => { let value; ${texts.join(' ')} };`);
  return (
    generated ??
    ((element) => {
      for (const property of properties) {
        const value = element[property];
        if (typeof value === 'object' && value !== null) element[property] = copyValue(value);
      }
    })
  );
}
