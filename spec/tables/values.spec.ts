import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import {
  type Broker,
  Field,
  field,
  JsonFileMessageBroker,
  MemoryMessageBroker,
  Message,
  processFunction,
  table,
  WaterMill,
} from 'watermill';
import { testMill } from 'watermill/testing';
import { temporaryDirectory } from '../support/temporary-directory.js';

@Message()
class Order {
  @Field() n!: number;
}

@Message()
class Inner {
  @Field() x!: number;
}

@Message()
class Kept {
  @Field() id!: string;
  @Field() count!: number;
  @Field() size!: bigint;
  @Field() at!: Date;
  @Field() open!: boolean;
  @Field({ oneOf: ['a', 'b'] }) kind!: 'a' | 'b';
  @Field({ optional: true }) note?: string;
  @Field(() => Number, { nullable: true }) limit!: number | null;
  @Field(() => [Inner], { optional: true }) inside?: Inner[];
}

@Message()
class Nested {
  @Field() id!: string;
  @Field(() => Inner) inner!: Inner;
}

const KeptById = table(Kept, { key: field(Kept, 'id') });
const NestedById = table(Nested, { key: field(Nested, 'id') });

const good = { id: 'a', count: 1, size: 2n, at: new Date(0), open: true, kind: 'a', limit: null } as const;

const bad: [string, object, string][] = [
  ['NaN', { count: Number.NaN }, 'field count must be a finite number, but is NaN.'],
  [
    'an infinite number',
    { count: Number.POSITIVE_INFINITY },
    'field count must be a finite number, but is out of range',
  ],
  ['a text for a number', { count: '1' }, 'field count must be a finite number, but is the string "1".'],
  ['a missing field', { count: undefined }, 'field count must be a finite number, but is missing.'],
  ['a number for a bigint', { size: 2 }, 'field size must be a bigint'],
  ['an invalid date', { at: new Date(Number.NaN) }, 'field at must be a Date'],
  ['a text for a boolean', { open: 'yes' }, 'field open must be true or false'],
  ['another choice', { kind: 'c' }, 'field kind must be one of "a", "b"'],
  ['a number for a text', { note: 5 }, 'field note must be a string'],
  ['null for what is optional', { note: null }, 'field note must be a string, but is null.'],
  ['undefined for null', { limit: undefined }, 'field limit must be a finite number or null, but is missing.'],
  ['NaN inside of others', { inside: [{ x: Number.NaN }] }, 'field inside[0].x must be a finite number, but is NaN.'],
];

describe('a value that cannot be written', () => {
  const directory = temporaryDirectory();
  afterAll(() => directory.remove());
  let count = 0;

  const files = (options: object): Broker => {
    const file = directory.file(`orders-${count++}.json`);
    writeFileSync(file, '[{"n":1}]');
    return new JsonFileMessageBroker([[Order, file]], options);
  };

  const brokers: [string, () => Broker][] = [
    ['memory', () => new MemoryMessageBroker([[Order, [{ n: 1 }]]])],
    ['files with progress', () => files({ group: 'g' })],
    ['files without progress', () => files({})],
  ];

  describe.each(brokers)('on %s', (_, make) => {
    it.each(bad)('is refused by put(): %s', async (__, change, sentence) => {
      const seen: unknown[] = [];
      const process = processFunction(Order, { inject: [KeptById, NestedById], emits: [] }, (_order, kept, nested) => {
        kept.put(good);
        nested.put({ id: 'a', inner: { x: 1 } as Inner });
        expect(() => kept.put({ ...good, ...change } as Kept)).toThrow(
          expect.objectContaining({
            code: 'WM_BAD_RESULT',
            message: expect.stringContaining(`An element of Kept cannot be written: ${sentence}`),
            details: expect.objectContaining({ table: 'Kept' }),
          }),
        );
        expect(() => nested.put({ id: 'b', inner: { x: Number.NaN } as Inner })).toThrow('field inner.x must be');
        seen.push(kept.get('a')?.count, kept.size, nested.size);
      });
      await new WaterMill({ process, broker: make() }).run();
      expect(seen).toEqual([1, 1, 1]);
    });
  });

  it('is refused in a mill of a test as well', async () => {
    const process = processFunction(Order, { inject: [KeptById], emits: [] }, (_order, kept) => {
      kept.put({ ...good, count: Number.NaN });
    });
    const kit = testMill({ process });
    await expect(kit.push(Order, { n: 1 })).rejects.toThrow('field count must be a finite number, but is NaN.');
  });
});
