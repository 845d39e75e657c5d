import { compile } from '../../base/compile.js';

/** Makes the object of a row from its values: texts, by column. */
export type MakeRow = (values: readonly string[]) => object;

/** The columns of a file. Files with the same columns share them. */
export class CsvColumns {
  readonly count: number;
  readonly make: MakeRow;

  private constructor(readonly names: readonly string[]) {
    this.count = names.length;
    this.make = makerOf(names);
  }

  static of(names: readonly string[]): CsvColumns {
    const key = JSON.stringify(names);
    let columns = known.get(key);
    if (columns === undefined) {
      if (known.size === mostKnown) known.clear();
      columns = new CsvColumns([...names]);
      known.set(key, columns);
    }
    return columns;
  }
}

const known = new Map<string, CsvColumns>();
const mostKnown = 64;

/**
 * Generates the code that makes all rows of a file with one shape. A constructor, not a literal: V8 would allocate the
 * objects of a literal in old space once a first batch had survived a collection, which takes three times as long.
 */
function makerOf(names: readonly string[]): MakeRow {
  const define = (name: string, i: number): string =>
    name === '__proto__'
      ? `Object.defineProperty(this, '${name}', { value: values[${i}], enumerable: true });`
      : `this[${JSON.stringify(name)}] = values[${i}];`;
  const body = `function Row(values) { ${names.map(define).join(' ')} }
    Row.prototype = Object.prototype;
    return (values) => new Row(values);`;
  return compile<MakeRow>({}, body) ?? interpreted(names);
}

function interpreted(names: readonly string[]): MakeRow {
  return (values) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
}
