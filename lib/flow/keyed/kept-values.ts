import type { MessageClass } from '../../base/class.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { decodeValue, encodeValue } from '../../joins/portable-value.js';
import { classesNamed } from '../../messages/index.js';

/** Encodes the values of a step for its table. Refuses values that a restart could not restore. */
export class KeptValues {
  constructor(private readonly place: string) {}

  /**
   * Encodes a value, and makes the copy that a later call gets: the same as after a restart, whatever happens to the
   * original.
   */
  keep<V>(value: V): { readonly encoded: unknown; readonly copy: V } {
    const types: MessageClass<any>[] = [];
    const encoded = encodeValue(value, this.refused, types);
    let next = 0;
    return { encoded, copy: decodeValue(encoded, () => types[next++]) as V };
  }

  decode(encoded: unknown): unknown {
    return decodeValue(encoded, this.classOf);
  }

  private readonly refused = (shown: string): WaterMillError =>
    new WaterMillError(
      'WM_FLOW_VALUE',
      `${this.place} is to keep ${shown}, which it cannot. Keep plain data (JSON, Dates, bigints, Maps, Sets) or elements of message classes: use map() before.`,
      { found: shown },
    );

  private readonly classOf = (name: string): MessageClass<any> => {
    const [found, ...others] = classesNamed(name);
    if (found !== undefined && others.length === 0) return found;
    const why = found === undefined ? 'there is no such class any more' : 'there are several classes of this name';
    throw new WaterMillError(
      'WM_TABLE_DAMAGED',
      `${this.place} keeps an element of ${name}, and ${why}. Let one class with @Message have that name, or start over with another group.`,
      { message: name },
    );
  };
}
