import type { MessageClass } from '../base/class.js';
import { compile } from '../base/compile.js';
import { madeOnce } from '../base/made-once.js';
import { copierOf, copyValue, mayConstruct } from './copy.js';
import { defaultsOf } from './defaults.js';
import { memberText } from './members.js';
import { schemaOf } from './schema.js';

/**
 * Elements of one class as they were when they were added. What a field holds is in a list of its field, so that
 * there is no object per element until it is needed: numbers in lists are not garbage to collect.
 */
export interface Columns {
  /** Keeps an element as it is now, and returns the index under which it is found. */
  add(element: object): number;
  /** A new element that is what was added. */
  at(index: number): object;
}

/** The function that makes empty columns for elements of a class, whatever else an element turns out to be. */
export const columnsOf: (message: MessageClass<any>) => () => Columns = madeOnce(prepareColumns);

function prepareColumns(message: MessageClass<any>): () => Columns {
  const copy = copierOf(message);
  const schema = schemaOf(message);
  const properties = schema.fields.map(({ property }) => property);
  if (!mayConstruct(schema) || properties.length === 0) return () => copies(copy);
  const defaults = defaultsOf(schema);
  const lists = properties.map((_, i) => `const list${i} = [];`);
  const values = properties.map((name, i) => `const value${i} = ${memberText('element', name)};`);
  const known = properties.map((name, i) => (defaults.has(name) ? '1' : `(value${i} === undefined ? 0 : 1)`));
  const kept = (i: number) => `typeof value${i} === 'object' && value${i} !== null ? copyValue(value${i}) : value${i}`;
  const stores = properties.map((name, i) => {
    const store = `made[${JSON.stringify(name)}] = value${i};`;
    return `const value${i} = list${i}[index]; ${defaults.has(name) ? store : `if (value${i} !== undefined) ${store}`}`;
  });
  const body = `return () => {
    ${lists.join('\n')}
    const others = new Map();
    function keep(element) {
      others.set(list0.length, copy(element));
      ${properties.map((_, i) => `list${i}.push(undefined);`).join('\n')}
      return list0.length - 1;
    }
    return {
      add(element) {
        if (element.constructor !== C) return keep(element);
        ${values.join('\n')}
        let all = 0;
        for (const key in element) all++;
        if (all !== ${known.join(' + ')}) return keep(element);
        ${properties.map((_, i) => `list${i}.push(${kept(i)});`).join('\n')}
        return list0.length - 1;
      },
      at(index) {
        const other = others.get(index);
        if (other !== undefined) return copy(other);
        const made = new C();
        ${stores.join('\n')}
        return made;
      },
    };
  };`;
  return compile<() => Columns>({ C: message, own: Object.hasOwn, copy, copyValue }, body) ?? (() => copies(copy));
}

/** Where elements cannot be taken apart: copies of them. */
function copies(copy: (element: any) => object): Columns {
  const elements: object[] = [];
  return { add: (element) => elements.push(copy(element)) - 1, at: (index) => copy(elements[index]) };
}
