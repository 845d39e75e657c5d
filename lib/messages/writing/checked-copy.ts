import type { MessageClass } from '../../base/class.js';
import { compile } from '../../base/compile.js';
import { madeOnce } from '../../base/made-once.js';
import { accessorsOf } from '../assigning.js';
import { mayConstruct } from '../copy.js';
import { memberText } from '../members.js';
import { checkedSchemaOf } from '../schema.js';
import { conditionOf } from './quick-check.js';

type CheckedCopier = (element: any) => object | undefined;

/**
 * Copies an element of exactly this class, if a quick check finds a value for each field that the writer accepts, and
 * no other members. Returns undefined for all others, which need a full check.
 */
export const checkedCopierOf: (message: MessageClass<any>) => CheckedCopier = madeOnce((message) => {
  const schema = checkedSchemaOf(message);
  const { codec, fields } = schema;
  const isPlain = codec === undefined && fields.length > 0 && accessorsOf(schema).size === 0 && mayConstruct(schema);
  const scope: Record<string, unknown> = { C: message, own: Object.hasOwn };
  const checks = fields.map((field, i) => {
    // A Date is mutable: the copy needs its own.
    const condition = field.type.kind === 'date' ? 'false' : conditionOf(field, i, scope);
    const isGood = field.nullable ? `${condition} || value${i} === null` : condition;
    return `const value${i} = ${memberText('element', field.property)}; if (!(${isGood})) return undefined;`;
  });
  const stores = fields.map(({ property }, i) => `copy[${JSON.stringify(property)}] = value${i};`);
  const body = `return (element) => {
    if (element?.constructor !== C) return undefined;
    ${checks.join('\n')}
    let all = 0;
    for (const key in element) all++;
    if (all !== ${fields.length}) return undefined;
    const copy = new C();
    ${stores.join('\n')}
    return copy;
  };`;
  return (isPlain ? compile<CheckedCopier>(scope, body) : undefined) ?? (() => undefined);
});
