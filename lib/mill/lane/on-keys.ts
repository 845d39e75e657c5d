import type { EdgeSpec } from './lane-spec.js';

/** The values that `on` compares, as one value that a Map finds again. Undefined: a null among them, equal to nothing. */
export class OnKeys {
  constructor(private readonly pairs: EdgeSpec['on']) {}

  ofParent(element: object): unknown {
    const { pairs } = this;
    // A call from a place of its own for either side: a place that calls two functions costs several times as much.
    if (pairs.length === 1) return mapKey((pairs[0] as EdgeSpec['on'][number])[0].evaluate(element));
    return this.textOf(element, 0);
  }

  ofChild(element: object): unknown {
    const { pairs } = this;
    if (pairs.length === 1) return mapKey((pairs[0] as EdgeSpec['on'][number])[1].evaluate(element));
    return this.textOf(element, 1);
  }

  private textOf(element: object, side: 0 | 1): string | undefined {
    const { pairs } = this;
    let key = '';
    for (const pair of pairs) {
      const value = pair[side].evaluate(element);
      if (value == null || Number.isNaN(value)) return undefined;
      const text = String(identity(value));
      // With its length no text can pass for two.
      key += `${typeof value} ${text.length} ${text}`;
    }
    return key;
  }
}

function mapKey(value: any): unknown {
  if (value == null || Number.isNaN(value)) return undefined;
  return identity(value);
}

/** Equal for equal values: Dates count by their milliseconds. */
function identity(value: any): unknown {
  return value instanceof Date ? `Date ${value.getTime()}` : value;
}
