import { isDate } from '../../base/date.js';
import type { EdgeSpec, KeySource } from './lane-spec.js';

/** The values that `on` compares, as one value that a Map finds again. Undefined: a null among them, equal to nothing. */
export class OnKeys {
  /** Of the only pair, where there is one. */
  private readonly parent: KeySource['evaluate'] | undefined;
  private readonly child: KeySource['evaluate'] | undefined;

  constructor(private readonly pairs: EdgeSpec['on']) {
    if (pairs.length > 1) return;
    this.parent = pairs[0]?.[0].evaluate;
    this.child = pairs[0]?.[1].evaluate;
  }

  // A call from a place of its own for either side: a place that calls two functions costs several times as much.
  ofParent(element: object): unknown {
    return this.parent === undefined ? this.textOf(element, 0) : mapKey(this.parent(element));
  }

  ofChild(element: object): unknown {
    return this.child === undefined ? this.textOf(element, 1) : mapKey(this.child(element));
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
  if (typeof value === 'string') return value;
  if (value == null || Number.isNaN(value)) return undefined;
  return identity(value);
}

/** Equal for equal values: Dates count by their milliseconds. */
function identity(value: any): unknown {
  return isDate(value) ? `Date ${value.getTime()}` : value;
}
