import type { MessageClass } from '../../base/class.js';
import { compile } from '../../base/compile.js';
import { isDate } from '../../base/date.js';
import { madeOnce } from '../../base/made-once.js';
import { defaultsOf } from '../defaults.js';
import { memberText } from '../members.js';
import { checkedSchemaOf, type FieldSchema } from '../schema.js';

/**
 * Checks quickly whether the writer of a class accepts an element. False: the writer must decide, since a field is
 * invalid, or is not a scalar, or code must not be generated.
 */
export const quickCheckOf: (message: MessageClass<any>) => (element: object) => boolean = madeOnce((message) => {
  const schema = checkedSchemaOf(message);
  const { codec, fields } = schema;
  const defaults = defaultsOf(schema);
  const scope: Record<string, unknown> = { own: Object.hasOwn, isDate };
  const checks = fields.map((field, i) => {
    const isGood = [conditionOf(field, i, scope)];
    if (field.optional && !defaults.has(field.property)) isGood.push(`value${i} === undefined`);
    if (field.nullable) isGood.push(`value${i} === null`);
    return `const value${i} = ${memberText('element', field.property)}; if (!(${isGood.join(' || ')})) return false;`;
  });
  const check = `return (element) => { ${checks.join('\n')} return true; };`;
  const isSimple = codec === undefined && fields.length > 0;
  return (isSimple ? compile<(element: object) => boolean>(scope, check) : undefined) ?? (() => false);
});

/**
 * Returns the text of the condition that the writer accepts the value in the variable `value` with the index of the
 * field.
 */
export function conditionOf({ type }: FieldSchema, index: number, scope: Record<string, unknown>): string {
  const value = `value${index}`;
  switch (type.kind) {
    case 'number':
      // x - x is 0 for finite numbers only.
      return `typeof ${value} === 'number' && ${value} - ${value} === 0`;
    case 'string':
    case 'boolean':
      return `typeof ${value} === '${type.kind}'`;
    case 'bigint':
      return type.iso === undefined ? `typeof ${value} === 'bigint'` : 'false';
    case 'date':
      return `isDate(${value}) && ${value}.getTime() === ${value}.getTime()`;
    case 'choice':
      scope[`choices${index}`] = type.values;
      return `choices${index}.has(${value})`;
    default:
      return 'false';
  }
}
