import { Field, Joined, Message, message } from 'watermill';
import { decodeValue, encodeValue } from '../../lib/joins/portable-value.js';

@Message()
class Point {
  @Field() x!: number;
  @Field({ optional: true }) y?: number;
}

@Message()
class Noted {
  @Field({ optional: true }) note?: string = 'none';
}

const refuse = (shown: string): Error => new Error(`refused ${shown}`);
const classOf = (name: string): any => ({ Point, Noted })[name];

/** Returns the value after a way through JSON text. */
function portable(value: unknown): any {
  const encoded = encodeValue(value, refuse);
  const json = JSON.parse(JSON.stringify(encoded));
  // Tables refuse values that are not JSON, such as NaN.
  expect(json).toStrictEqual(encoded);
  return decodeValue(json, classOf);
}

const cyclic: any = { list: [1] };
cyclic.list.push(cyclic);
const shared = { n: 1 };

describe('a portable value', () => {
  it.each<[what: string, value: unknown]>([
    ['JSON', { a: [1, 'x', true, null, { b: {} }], c: '' }],
    ['undefined, in an object and in an array', { a: undefined, b: [undefined] }],
    ['numbers that JSON does not have', [-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]],
    ['bigints', [2n ** 70n, -1n]],
    ['Maps and Sets, also empty ones', [new Map<unknown, unknown>([[{ k: 1 }, new Set([1n])]]), new Map(), new Set()]],
    ['an object with a member that marks encodings', { '~': 'date', v: 5, deeper: { '~': {} } }],
    ['members with the names of properties of every object', JSON.parse('{"__proto__":{"x":1},"constructor":2}')],
    ['an element', message(Point, { x: 1 })],
    ['an element without the value that its class gives to a field', message(Noted, { note: undefined } as any)],
    ['a Joined of elements', new Joined([[message(Point, { x: 1 }), [message(Point, { x: 2, y: 3 })]]])],
  ])('is equal: %s', (_, value) => {
    const again = portable(value);
    expect(again).toStrictEqual(value);
    expect(Object.getPrototypeOf(again)).toBe(Object.getPrototypeOf(value));
    expect(Object.keys(again)).toEqual(Object.keys(value as object));
  });

  it('is equal: Dates, also an invalid one', () => {
    const [date, invalid] = portable([new Date(5), new Date(Number.NaN)]);
    expect([date.toISOString(), invalid.getTime()]).toEqual(['1970-01-01T00:00:00.005Z', Number.NaN]);
  });

  it('refers to one object where the value did, also to one around it', () => {
    const [a, { b }, map] = portable([shared, { b: shared }, new Map([[shared, shared]])]);
    expect(b).toBe(a);
    expect(map.get(a)).toBe(a);
    const again = portable(cyclic);
    expect(again.list[1]).toBe(again);
  });

  it('has the fields of an element whose class is not known', () => {
    const encoded = JSON.parse(JSON.stringify(encodeValue([message(Point, { x: 1, y: -0 })], refuse)));
    const [found] = decodeValue(encoded, () => undefined) as [object];
    expect(found).toStrictEqual({ x: 1, y: -0 });
  });

  it.each([[() => 1], [Symbol('s')], [new (class Own {})()]])('is not %p', (value) => {
    expect(() => encodeValue({ value }, refuse)).toThrow(/^refused /);
  });
});
