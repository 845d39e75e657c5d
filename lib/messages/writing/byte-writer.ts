import type { Class } from '../../base/class.js';
import { compile } from '../../base/compile.js';
import { memberText } from '../members.js';
import { checkedSchemaOf, type FieldSchema } from '../schema.js';
import { longestNumber, longestString, putNumber, putString } from './put-scalars.js';

/** Writes the JSON of elements directly into bytes, for classes of numbers, booleans and short strings. */
export interface ByteWriter {
  /** The maximum size of one element in bytes. */
  readonly mostBytes: number;
  /**
   * Returns the end of the element's text, or -1 if only the class's writer can judge the element. Rethrows errors of
   * the element's own code.
   */
  write(element: unknown, bytes: Uint8Array, at: number): number;
}

/**
 * Makes the byte writer of a class, with text before and after each element, in ASCII. Undefined for classes with other
 * fields, or if code must not be generated: then use the text of `writerOf`.
 */
export function byteWriterOf(message: Class, before: string, after: string): ByteWriter | undefined {
  const { codec, fields } = checkedSchemaOf(message);
  if (codec !== undefined || fields.length === 0 || !fields.every(isPlain)) return undefined;
  const leads = fields.map(({ name }, i) => `${i === 0 ? `${before}{` : ','}${JSON.stringify(name)}:`);
  const end = `}${after}`;
  const lengths = fields.map(({ type }) => (type.kind === 'string' ? longestString + 2 : longestNumber));
  const body = `return (element, bytes, at) => {
    if (typeof element !== 'object' || element === null || isArray(element)) return -1;
    ${fields.map((field, i) => stores(leads[i] as string) + fieldText(field, i)).join('\n')}
    ${stores(end)}
    return at;
  };`;
  const write = compile<ByteWriter['write']>(
    { own: Object.hasOwn, isArray: Array.isArray, putNumber, putString },
    body,
  );
  const mostBytes = leads.join('').length + end.length + lengths.reduce((sum, length) => sum + length, 0);
  return write && { mostBytes, write };
}

/** A field that can be written directly, with a name in ASCII. */
function isPlain({ type, name, optional, nullable }: FieldSchema): boolean {
  if (optional || nullable || !/^[ -~]*$/.test(name)) return false;
  return type.kind === 'number' || type.kind === 'boolean' || type.kind === 'string';
}

function fieldText({ type, property }: FieldSchema, index: number): string {
  const value = `v${index}`;
  const read = `const ${value} = ${memberText('element', property)};`;
  const refuseUnless = `if (typeof ${value} !== '${type.kind}') return -1;`;
  if (type.kind === 'boolean') {
    return `${read} ${refuseUnless} if (${value}) { ${stores('true')} } else { ${stores('false')} }`;
  }
  const put = type.kind === 'number' ? 'putNumber' : 'putString';
  return `${read} ${refuseUnless} at = ${put}(bytes, at, ${value}); if (at < 0) return -1;`;
}

/** The code that stores an ASCII text, and moves past it. */
function stores(text: string): string {
  const bytes = [...text].map((character, i) => `bytes[at + ${i}] = ${character.charCodeAt(0)};`);
  return `${bytes.join(' ')} at += ${text.length};`;
}
