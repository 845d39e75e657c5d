import { compile } from '../../base/compile.js';

/** Makes what a row holds of its values: an object of texts, by column. */
export type MakeRow = (values: readonly string[]) => object;

/** What every row of a file has. Files with the same columns share them. */
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

/** Code of its own gives all rows of a file one shape. */
function makerOf(names: readonly string[]): MakeRow {
  // Only a computed __proto__ is a member like any other.
  const keys = names.map((name) => (name === '__proto__' ? `['${name}']` : JSON.stringify(name)));
  const members = keys.map((key, i) => `${key}: values[${i}]`);
  return compile<MakeRow>({}, `return (values) => ({ ${members.join(', ')} });`) ?? interpreted(names);
}

function interpreted(names: readonly string[]): MakeRow {
  return (values) => Object.fromEntries(names.map((name, i) => [name, values[i]]));
}
