import { runInNewContext } from 'node:vm';

function fails(): never {
  throw new Error('looked at');
}

function revoked(target: object = {}): object {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy;
}

const traps = new Proxy(
  {},
  { get: fails, getPrototypeOf: fails, ownKeys: fails, has: fails, getOwnPropertyDescriptor: fails },
);

/** Odd thrown values, with their texts in errors. */
export const oddThrows: readonly (readonly [what: string, thrown: unknown, text: string])[] = [
  ['undefined', undefined, 'undefined'],
  ['null', null, 'null'],
  ['a string', 'no luck', 'no luck'],
  ['an empty string', '', 'an empty string'],
  ['a number', -0, '-0'],
  ['a bigint', 7n, '7n'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['a function', function lost() {}, 'the function lost'],
  ['a class', class Lost {}, 'the class Lost'],
  ['an object without a prototype', Object.create(null), '{}'],
  ['what a client library gives', { code: 7, message: 'no luck' }, '{ code: 7, message: "no luck" }'],
  ['a nested object', { error: { code: 7, reasons: ['a', 'b'] } }, '{ error: { code: 7, reasons: […] } }'],
  ['an array', ['a', 1], '["a", 1]'],
  ['an error of another realm', runInNewContext('new RangeError("far away")'), 'far away'],
  ['an error whose message is an object', Object.assign(new Error(), { message: { code: 7 } }), 'Error: { code: 7 }'],
  ['an error without a message', new TypeError(), 'TypeError'],
  ['an error with a code alone', Object.assign(new Error(), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
  ['an AggregateError', new AggregateError([new Error('one'), 'two'], 'all failed'), 'all failed (one; two)'],
  ['an error that holds itself', circle(), 'round (round (round))'],
  ['getters that throw', Object.defineProperties(new Error('x'), unreadable()), 'an error'],
  [
    'an object that cannot be printed',
    { toString: fails, [Symbol.toPrimitive]: fails },
    '{ toString: the function fails }',
  ],
  [
    'a class that cannot be printed',
    new (class Shy {
      toString = fails;
      n = 1;
    })(),
    'Shy { toString: the function fails, n: 1 }',
  ],
  ['a class that prints itself', new URL('http://a/b'), 'http://a/b'],
  ['a revoked proxy', revoked(), 'a value that cannot be inspected'],
  ['an error with unreadable parts', Object.assign(new Error('x'), { errors: revoked() }), 'x'],
  ['an error with an unreadable list of parts', Object.assign(new Error('x'), { errors: revoked([1]) }), 'x'],
  [
    'an error with an unreadable part',
    Object.assign(new Error('x'), { errors: [new Error('one'), revoked(), traps] }),
    'x (one; a value that cannot be inspected; a value that cannot be inspected)',
  ],
  ['a proxy whose traps throw', traps, 'a value that cannot be inspected'],
];

function circle(): AggregateError {
  const error = new AggregateError([], 'round');
  error.errors.push(error);
  return error;
}

function unreadable(): PropertyDescriptorMap {
  // The stack comes first: defining it computes its text.
  const names = ['stack', 'message', 'name', 'cause', 'code', 'errors', 'toString', 'constructor'];
  return Object.fromEntries(names.map((name) => [name, { get: fails }]));
}

/** Values with side effects when they are inspected, or without JSON; with their JSON if it is short. */
export const hostileValues: readonly (readonly [what: string, make: () => unknown, raw?: string])[] = [
  ['nested 5,000 deep', () => JSON.parse('['.repeat(5_000) + ']'.repeat(5_000))],
  [
    'a toString that is a number, and deep',
    () => JSON.parse(`{"toString":1,"j":${'['.repeat(3_000)}${']'.repeat(3_000)}}`),
  ],
  ['a toJSON that throws', () => ({ toJSON: fails, a: 1 }), '{"toJSON":"the function fails","a":1}'],
  [
    'a toJSON that gives itself',
    () => ({
      a: 1,
      toJSON() {
        return this;
      },
    }),
    '{"a":1,"toJSON":"the function toJSON"}',
  ],
  [
    'a getter that throws',
    () => ({
      get n(): number {
        return fails();
      },
    }),
    '{"n":"[cannot be read]"}',
  ],
  ['a list that holds itself', selfish, '["[holds itself]"]'],
  ['a symbol', () => Symbol('s'), '"Symbol(s)"'],
  ['a bigint', () => 1n, '"1"'],
  ['a function', () => function f() {}, '"the function f"'],
  ['a revoked proxy', revoked, '"a value that cannot be inspected"'],
  ['a proxy whose traps throw', () => traps],
  ['no prototype', () => Object.create(null), '{}'],
];

function selfish(): unknown[] {
  const list: unknown[] = [];
  list.push(list);
  return list;
}
