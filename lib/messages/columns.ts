import type { MessageClass } from '../base/class.js';
import { compile } from '../base/compile.js';
import { madeOnce } from '../base/made-once.js';
import { copierOf, copyValue, mayConstruct } from './copy.js';
import { defaultsOf } from './defaults.js';
import { memberText } from './members.js';
import { schemaOf } from './schema.js';

/**
 * The number of elements in a list; a power of two. One list of millions is copied whenever it grows, into new memory, which
 * costs more than everything else that storing an element takes.
 */
const listSize = 4096;

/**
 * Snapshots of elements of one class, stored by field: no object per element exists until it is needed, and numbers in
 * lists are no work for garbage collection.
 */
export interface Columns {
  /** Stores a snapshot of an element, and returns its index. */
  add(element: object): number;
  /** Makes a new element equal to the stored one. */
  at(index: number): object;
}

/** Returns the function that makes empty columns for elements of a class, including elements with other properties. */
export const columnsOf: (message: MessageClass<any>) => () => Columns = madeOnce(prepareColumns);

function prepareColumns(message: MessageClass<any>): () => Columns {
  const copy = copierOf(message);
  const schema = schemaOf(message);
  const properties = schema.fields.map(({ property }) => property);
  if (!mayConstruct(schema) || properties.length === 0) return () => copies(copy);
  const defaults = defaultsOf(schema);
  const lists = properties.map((_, i) => `const lists${i} = []; let list${i};`);
  const begin = properties.map((_, i) => `lists${i}.push(list${i} = []);`).join(' ');
  const makeRoom = `if (length % ${listSize} === 0) { ${begin} }`;
  const values = properties.map((name, i) => `let value${i} = ${memberText('element', name)};`);
  const known = properties.map((name, i) => (defaults.has(name) ? '1' : `(value${i} === undefined ? 0 : 1)`));
  const copied = properties.map(
    (_, i) => `if (typeof value${i} === 'object' && value${i} !== null) value${i} = copyValue(value${i});`,
  );
  const pushes = properties.map((_, i) => `list${i}.push(value${i});`);
  const stores = properties.map((name, i) => {
    const store = `made[${JSON.stringify(name)}] = value${i};`;
    return `const value${i} = lists${i}[list][place]; ${defaults.has(name) ? store : `if (value${i} !== undefined) ${store}`}`;
  });
  const body = `return () => {
    ${lists.join('\n')}
    let length = 0;
    const others = new Map();
    function keep(element) {
      others.set(length, copy(element));
      ${makeRoom}
      ${properties.map((_, i) => `list${i}.push(undefined);`).join('\n')}
      return length++;
    }
    return {
      add(element) {
        if (element.constructor !== C) return keep(element);
        ${values.join('\n')}
        let all = 0;
        for (const key in element) all++;
        if (all !== ${known.join(' + ')}) return keep(element);
        // A copy may fail: then nothing was added.
        ${copied.join('\n')}
        ${makeRoom}
        ${pushes.join('\n')}
        return length++;
      },
      at(index) {
        const other = others.get(index);
        if (other !== undefined) return copy(other);
        const list = Math.floor(index / ${listSize}), place = index % ${listSize};
        const made = new C();
        ${stores.join('\n')}
        return made;
      },
    };
  };`;
  return compile<() => Columns>({ C: message, own: Object.hasOwn, copy, copyValue }, body) ?? (() => copies(copy));
}

/** Used if elements cannot be split into fields: stores copies. */
function copies(copy: (element: any) => object): Columns {
  const elements: object[] = [];
  return { add: (element) => elements.push(copy(element)) - 1, at: (index) => copy(elements[index]) };
}
