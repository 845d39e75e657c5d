import type { MessageClass } from '../base/class.js';
import { isDate, RealDate } from '../base/date.js';
import { shownValue } from '../base/shown-value.js';
import { defaultsOf } from '../messages/defaults.js';
import { isMessageClass, message, schemaOf } from '../messages/index.js';
import { Joined } from './joined.js';

/**
 * The member that marks the encoding of a value that JSON cannot express. A plain object with a member of this name is
 * encoded, too.
 */
const mark = '~';

type Encoded = { readonly [mark]: string; readonly v?: unknown };

/** Makes the error for a value that cannot be encoded. */
export type RefuseValue = (shown: string, value: unknown) => Error;

/**
 * Encodes a value as JSON, so that `decodeValue` returns an equal one, in another run or another thread: JSON,
 * undefined, any number, bigints, Dates, Maps, Sets, `Joined`, and the fields of elements of message classes. Repeated
 * references stay references to one object. `types`: collects the classes of the elements, in the order in which
 * `decodeValue` asks for them.
 */
export function encodeValue(value: unknown, refuse: RefuseValue, types: MessageClass<any>[] = []): unknown {
  return new Encoder(refuse, types).encode(value);
}

/** `classOf`: the class of elements by its name; if it returns undefined, they become objects with the same fields. */
export function decodeValue(encoded: unknown, classOf: (name: string) => MessageClass<any> | undefined): unknown {
  return new Decoder(classOf).decode(encoded);
}

/** The fields of an element from which `message()` makes an equal one: undefined only over a default of the class. */
export function givenFields(element: any, type: MessageClass<any>): Record<string, unknown> {
  const schema = schemaOf(type);
  const defaults = defaultsOf(schema);
  const given = schema.fields.filter(({ property }) => element[property] !== undefined || defaults.has(property));
  return Object.fromEntries(given.map(({ property }) => [property, element[property]]));
}

class Encoder {
  private readonly seen = new Map<object, number>();

  constructor(
    private readonly refuse: RefuseValue,
    private readonly types: MessageClass<any>[],
  ) {}

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
    // JSON has no NaN, the time of an invalid Date.
    if (isDate(value)) return tagged('date', Number.isNaN(value.getTime()) ? null : value.getTime());
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

  private element(value: any, type: MessageClass<any>): unknown {
    this.types.push(type);
    const fields = Object.entries(givenFields(value, type)).map(([name, each]) => [name, this.encode(each)]);
    return tagged('element', [schemaOf(type).name, Object.fromEntries(fields)]);
  }

  private refused(value: unknown): Error {
    return this.refuse(shownValue(value), value);
  }
}

class Decoder {
  private readonly seen: unknown[] = [];

  constructor(private readonly classOf: (name: string) => MessageClass<any> | undefined) {}

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
      for (const [name, each] of Object.entries(encoded)) {
        const value = this.decode(each);
        // Storing under __proto__ would change the prototype of the object.
        if (name !== '__proto__') made[name] = value;
        else Object.defineProperty(made, name, { value, enumerable: true, configurable: true, writable: true });
      }
    });
  }

  private element([name, encoded]: readonly [string, object]): unknown {
    const index = this.seen.push(undefined) - 1;
    const type = this.classOf(name);
    const fields = Object.fromEntries(Object.entries(encoded).map(([field, each]) => [field, this.decode(each)]));
    const element = type === undefined ? fields : message(type, fields as any);
    this.seen[index] = element;
    return element;
  }

  /** Registers an object before its contents, as the encoder does. */
  private filled<V>(made: V, fill: (made: V) => void): V {
    this.seen.push(made);
    fill(made);
    return made;
  }
}

function tagged(tag: string, v?: unknown): Encoded {
  return v === undefined ? { [mark]: tag } : { [mark]: tag, v };
}
