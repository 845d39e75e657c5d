import { isDate, RealDate } from '../../base/date.js';
import { shownValue } from '../../base/shown-value.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { Joined } from '../../joins/joined.js';
import { classesNamed, isMessageClass, readerOf, schemaOf, writerOf } from '../../messages/index.js';

/** What stands for a value that JSON has no word for. A plain object with this name in it is one of them, too. */
const mark = '~';

type Encoded = { readonly [mark]: string; readonly v?: unknown };

/**
 * A value as JSON, so that `decodeValue` gives an equal one: JSON, undefined, any number, bigints, Dates, Maps, Sets, `Joined`
 * and elements of message classes. What comes twice is the same object twice. Throws `WM_FLOW_VALUE` for anything else.
 */
export function encodeValue(value: unknown, place: string): unknown {
  return new Encoder(place).encode(value);
}

export function decodeValue(encoded: unknown, place: string): unknown {
  return new Decoder(place).decode(encoded);
}

class Encoder {
  private readonly seen = new Map<object, number>();

  constructor(private readonly place: string) {}

  encode(value: any): unknown {
    switch (typeof value) {
      case 'string':
      case 'boolean':
        return value;
      case 'number':
        return Number.isFinite(value) && !Object.is(value, -0)
          ? value
          : tagged('number', String(Object.is(value, -0) ? '-0' : value));
      case 'bigint':
        return tagged('bigint', String(value));
      case 'undefined':
        return tagged('undefined');
      case 'object':
        return value === null ? null : this.object(value);
      default:
        throw this.refused(value);
    }
  }

  private object(value: any): unknown {
    const known = this.seen.get(value);
    if (known !== undefined) return tagged('same', known);
    this.seen.set(value, this.seen.size);
    if (Array.isArray(value)) return value.map((each) => this.encode(each));
    if (isDate(value)) return tagged('date', value.getTime());
    if (value instanceof Map) {
      const entries = Array.from(value, ([key, each]) => [this.encode(key), this.encode(each)]);
      return tagged(value instanceof Joined ? 'joined' : 'map', entries);
    }
    if (value instanceof Set)
      return tagged(
        'set',
        Array.from(value, (each) => this.encode(each)),
      );
    const type = value.constructor;
    if (isMessageClass(type)) return this.element(value, type);
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) throw this.refused(value);
    const fields = Object.fromEntries(Object.entries(value).map(([name, each]) => [name, this.encode(each)]));
    return mark in fields ? tagged('object', fields) : fields;
  }

  private element(value: object, message: any): unknown {
    const { name } = schemaOf(message);
    const [known, ...others] = classesNamed(name);
    if (known !== message || others.length > 0) {
      const why = known === message ? `another class is called ${name} as well` : `${name} has no @Message of its own`;
      throw this.refused(value, ` It could not be found again by its name after a restart: ${why}.`);
    }
    return tagged('element', [name, JSON.parse(writerOf(message)(value) as string)]);
  }

  private refused(value: unknown, why = ''): WaterMillError {
    return new WaterMillError(
      'WM_FLOW_VALUE',
      `${this.place} is to keep ${shownValue(value)}, which it cannot.${why} Keep plain data (JSON, Dates, bigints, Maps, Sets) or elements of message classes: use map() before.`,
      { found: shownValue(value) },
    );
  }
}

class Decoder {
  private readonly seen: unknown[] = [];

  constructor(private readonly place: string) {}

  decode(encoded: any): unknown {
    if (typeof encoded !== 'object' || encoded === null) return encoded;
    if (Array.isArray(encoded)) {
      return this.filled([] as unknown[], (list) => {
        for (const each of encoded) list.push(this.decode(each));
      });
    }
    if (!(mark in encoded)) return this.plain(encoded);
    const { [mark]: tag, v } = encoded as { readonly [mark]: string; readonly v: any };
    switch (tag) {
      case 'number':
        return Number(v);
      case 'bigint':
        return BigInt(v);
      case 'undefined':
        return undefined;
      case 'same':
        return this.seen[v];
      case 'date':
        return this.filled(new RealDate(v ?? Number.NaN), () => {});
      case 'map':
      case 'joined':
        return this.filled(tag === 'map' ? new Map() : new Joined<any, any>(), (map: Map<unknown, any>) => {
          for (const [key, each] of v) map.set(this.decode(key), this.decode(each));
        });
      case 'set':
        return this.filled(new Set(), (set) => {
          for (const each of v) set.add(this.decode(each));
        });
      case 'object':
        return this.plain(v);
      default:
        return this.element(v);
    }
  }

  private plain(encoded: object): unknown {
    return this.filled({} as Record<string, unknown>, (made) => {
      for (const [name, each] of Object.entries(encoded)) made[name] = this.decode(each);
    });
  }

  private element([name, json]: readonly [string, unknown]): unknown {
    const index = this.seen.push(undefined) - 1;
    const [message] = classesNamed(name);
    if (message === undefined) {
      throw new WaterMillError(
        'WM_TABLE_DAMAGED',
        `${this.place} keeps an element of ${name}, and there is no such class any more. Import it, or start over with another group.`,
        { message: name },
      );
    }
    const element = readerOf(message)(json);
    this.seen[index] = element;
    return element;
  }

  /** Notes an object before what is in it, as the encoder does. */
  private filled<V>(made: V, fill: (made: V) => void): V {
    this.seen.push(made);
    fill(made);
    return made;
  }
}

function tagged(tag: string, v?: unknown): Encoded {
  return v === undefined ? { [mark]: tag } : { [mark]: tag, v };
}
