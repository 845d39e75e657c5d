import { Field, field, Message, message, table } from 'watermill';
import { Random } from '../support/random.js';
import { refusal } from '../support/refusal.js';
import { Order, OrdersByDay, OrdersByPair, plain, Regular, Visits, VisitsByUser, visits } from './model.js';

const visit = (user: string, count: number): Visits => message(Visits, { user, count });
const order = (customer: string, seq: bigint, day = new Date(0)): Order => message(Order, { customer, seq, day });

describe('a table', () => {
  it('keeps the latest element of each key', () => {
    const table = new VisitsByUser();
    expect(table.get('ann')).toBeUndefined();
    table.put(visit('ann', 1));
    table.put({ user: 'bob', count: 1 });
    table.put(visit('ann', 2));
    expect(table.get('ann')).toEqual({ user: 'ann', count: 2 });
    expect(table.get('bob')).toBeInstanceOf(Visits);
    expect([table.size, table.has('ann'), table.has('eve')]).toEqual([2, true, false]);
    expect([table.delete('ann'), table.delete('ann'), table.size]).toEqual([true, false, 1]);
    expect(table.has('ann')).toBe(false);
  });

  it('keeps a frozen copy: a changed element must be put again', () => {
    const table = new OrdersByDay();
    const given = message(Order, { customer: 'a', seq: 1n, day: new Date(5), items: ['x'] });
    table.put(given);
    given.customer = 'b';
    given.items?.push('y');
    given.day.setTime(9);
    const kept = table.get(new Date(5));
    expect(kept).toEqual({ customer: 'a', seq: 1n, day: new Date(5), items: ['x'] });
    expect(() => ((kept as Order).customer = 'c')).toThrow(TypeError);
    expect(() => (kept as Order).items?.push('z')).toThrow(TypeError);
    kept?.day.setTime(7);
    expect(table.get(new Date(5))?.day).toEqual(new Date(5));
    expect([...table.range()][0]?.day).toEqual(new Date(5));
  });

  it('keeps a copy of an element that is put as fields', () => {
    const day = new Date(5);
    const items = ['x'];
    const lists = new OrdersByDay();
    lists.put({ customer: 'a', seq: 1n, day, items });
    @Message()
    class Seen {
      @Field() at!: Date;
    }
    const flat = new (table(Seen, { key: field(Seen, 'at') }))();
    flat.put({ at: day });
    day.setTime(9);
    items.push('y');
    expect(lists.get(new Date(5))).toEqual({ customer: 'a', seq: 1n, day: new Date(5), items: ['x'] });
    expect(flat.get(new Date(5))).toEqual({ at: new Date(5) });
  });

  it('keeps nested elements as instances of their classes, as after a restart, even if they were put as fields', () => {
    @Message()
    class Price {
      @Field() cents!: number;
      @Field({ optional: true }) since?: Date;
      euros(): number {
        return this.cents / 100;
      }
    }
    @Message()
    class Item {
      @Field() name!: string;
      @Field() price!: Price;
      @Field(() => [Price]) before!: Price[];
      @Field(() => [[Price]], { optional: true }) others?: Price[][];
      @Field(() => Object, { optional: true }) more?: unknown;
    }
    const items = new (table(Item, { key: field(Item, 'name') }))();
    const price = { cents: 250, since: new Date(5) } as Price;
    items.put({
      name: 'a',
      price,
      before: [price, message(Price, { cents: 1 })],
      others: [[price]],
      more: { cents: 3 },
    });
    price.cents = 7;
    price.since?.setTime(7);
    const kept = items.get('a') as Item;
    expect(kept.price.euros()).toBe(2.5);
    expect([...kept.before, ...(kept.others?.[0] ?? [])].map((each) => each.euros())).toEqual([2.5, 0.01, 2.5]);
    expect(kept.price).toEqual({ cents: 250, since: new Date(5) });
    expect(kept.more).not.toBeInstanceOf(Price);
    expect([kept.price, kept.before, kept.before[0]].map(Object.isFrozen)).toEqual([true, true, true]);
    items.put(Object.assign(message(Item, { name: 'b', price, before: [] }), { price }));
    expect(items.get('b')?.price.euros()).toBe(0.07);
    items.put({ name: 'c', price: null as any, before: 'none' as any });
    expect(items.get('c')).toEqual({ name: 'c', price: null, before: 'none' });
  });

  it('finds keys of every type by value', () => {
    const table = new OrdersByPair();
    table.put(order('a', 1n));
    table.put(order('a', 2n));
    table.put(order('a1', 0n));
    expect(table.get(['a', 2n])?.seq).toBe(2n);
    expect(table.has(['a', 3n])).toBe(false);
    expect(plain(table.range({ from: ['a', 2n] })).map((each) => (each as Order).seq)).toEqual([2n, 0n]);
    const days = new OrdersByDay();
    days.put(order('x', 0n, new Date(3)));
    expect(days.has(new Date(3))).toBe(true);
    expect(days.delete(new Date(3))).toBe(true);
  });

  it('is named by its class, by its name, or by its message', () => {
    const nameIn = (act: () => unknown) => refusal(act).message.split(':')[0];
    expect(nameIn(() => new VisitsByUser().get(5 as never))).toBe('VisitsByUser');
    expect(nameIn(() => new visits().get(5 as never))).toBe('visits');
    expect(nameIn(() => new (table(Visits, { key: field(Visits, 'user') }))().get(5 as never))).toBe('Visits');
  });

  it('has methods of its own if they are defined', () => {
    class Counting extends table(Visits, { key: field(Visits, 'user') }) {
      add(user: string): void {
        this.put({ user, count: (this.get(user)?.count ?? 0) + 1 });
      }
    }
    const counting = new Counting();
    counting.add('ann');
    counting.add('ann');
    expect(counting.get('ann')?.count).toBe(2);
    expect(Counting.message).toBe(Visits);
  });
});

describe('range', () => {
  const filled = (): VisitsByUser => {
    const table = new VisitsByUser();
    for (const user of 'hdbfac') table.put(visit(user, 1));
    return table;
  };
  const users = (range: Iterable<Readonly<Visits>>): string => [...range].map(({ user }) => user).join('');

  it('returns elements in the order of keys, including the borders', () => {
    const table = filled();
    expect(users(table.range())).toBe('abcdfh');
    expect(users(table.range({ from: 'b', to: 'd' }))).toBe('bcd');
    expect(users(table.range({ from: 'bb', to: 'g' }))).toBe('cdf');
    expect(users(table.range({ from: 'b', to: 'f', reverse: true, limit: 2 }))).toBe('fd');
    expect(users(table.range({ reverse: true, limit: 1 }))).toBe('h');
    expect(users(table.range({ from: 'd', to: 'c' }))).toBe('');
    expect(users(table.range({ limit: 0 }))).toBe('');
    expect(users(new VisitsByUser().range({ from: 'a' }))).toBe('');
  });

  it('is a snapshot as of its call', () => {
    const table = filled();
    const before = table.range();
    const seen: string[] = [];
    for (const { user, count } of before) {
      seen.push(`${user}${count}`);
      table.delete('c');
      table.put(visit('d', 2));
      table.put(visit('e', 1));
    }
    expect(seen.join(' ')).toBe('a1 b1 c1 d1 f1 h1');
    expect(users(before)).toBe('abcdfh');
    expect(users(table.range())).toBe('abdefh');
  });

  it('equals a sorted list after any puts and deletes', () => {
    @Message()
    class Numbered {
      @Field() n!: number;
      @Field() at!: number;
    }
    const Numbers = table(Numbered, { key: field(Numbered, 'n') });
    for (let seed = 1; seed <= 20; seed++) {
      const random = new Random(seed);
      const numbers = new Numbers();
      const model = new Map<number, number>();
      const isRising = random.chance(0.3);
      const views: (readonly [Iterable<Readonly<Numbered>>, readonly (readonly number[])[]])[] = [];
      for (let at = 0; at < 3_000; at++) {
        const n = isRising && random.chance(0.9) ? at : random.int(1_500);
        if (random.chance(0.3)) {
          expect(numbers.delete(n)).toBe(model.delete(n));
        } else {
          numbers.put({ n, at });
          model.set(n, at);
        }
        if (at % 100 !== 99) continue;
        const [from, to] = random.chance(0.3) ? [undefined, undefined] : [random.int(1_500), random.int(1_500)];
        const reverse = random.chance(0.5);
        const limit = random.chance(0.5) ? random.int(600) : undefined;
        const sorted = [...model].sort(([a], [b]) => a - b).filter(([n]) => n >= (from ?? 0) && n <= (to ?? 1e9));
        if (reverse) sorted.reverse();
        views.push([numbers.range({ from, to, reverse, limit }), sorted.slice(0, limit ?? sorted.length)]);
      }
      expect(numbers.size).toBe(model.size);
      for (const [found, expected] of views)
        expect([...found].map(({ n, at }) => `${n}=${at}`).join()).toBe(expected.map(([n, at]) => `${n}=${at}`).join());
    }
  });
});

describe('a table refuses', () => {
  const by = { key: field(Visits, 'user') };
  it.each<[string, () => unknown, string, string]>([
    [
      'a key of another type',
      () => new VisitsByUser().get(5 as never),
      'WM_TABLE_KEY',
      'VisitsByUser: the key of get() is 5, a number, and each of its keys must be a string. Give a key of that type.',
    ],
    ['no key', () => new VisitsByUser().has(undefined as never), 'WM_TABLE_KEY', 'the key of has() is undefined'],
    [
      'NaN',
      () => new VisitsByUser().get(Number.NaN as never),
      'WM_TABLE_KEY',
      'the key of get() is NaN, which cannot be a key, and each of its keys must be a string.',
    ],
    [
      'an element for which the function of its key throws',
      () => {
        const short = (visits: Visits) => visits.user.slice(0, 1);
        new (table(Visits, { key: short }))().put({ count: 1 } as never);
      },
      'WM_TABLE_KEY',
      "(table(Visits): the key) could not be computed: Cannot read properties of undefined (reading 'slice'). Make it accept every element that is put.",
    ],
    [
      'a tuple of other parts',
      () => new OrdersByPair().delete(['a', 1] as never),
      'WM_TABLE_KEY',
      'the key of delete() is ("a", 1), a tuple (string, number), and each of its keys must be a tuple (string, bigint)',
    ],
    [
      'a number that has no order',
      () => new (table(Visits, { key: field(Visits, 'count') }))().get(Number.NaN),
      'WM_TABLE_KEY',
      'the key of get() is NaN',
    ],
    [
      'an invalid Date',
      () => new OrdersByDay().put({ day: new Date(Number.NaN), seq: 1n, customer: 'a' }),
      'WM_TABLE_KEY',
      'the key of what is put is an invalid Date',
    ],
    [
      'borders of another type',
      () => new VisitsByUser().range({ from: 1 as never }),
      'WM_TABLE_KEY',
      'from of range() is 1, a number',
    ],
    [
      'a limit that is none',
      () => new VisitsByUser().range({ limit: -1 }),
      'WM_TABLE_RANGE',
      'limit is -1; expected a whole number, 0 or more',
    ],
    [
      'a reverse that is none',
      () => new VisitsByUser().range({ reverse: 1 as never }),
      'WM_TABLE_RANGE',
      'reverse is 1',
    ],
    ['an unknown option', () => new VisitsByUser().range({ till: 'b' } as never), 'WM_TABLE_RANGE', 'no option "till"'],
    [
      'an element of another class',
      () => new VisitsByUser().put(message(Regular, { user: 'a' }) as never),
      'WM_TABLE_ELEMENT',
      'VisitsByUser.put(): expected an element of Visits, or its fields, found Regular.',
    ],
    ['what is no element', () => new VisitsByUser().put(7 as never), 'WM_TABLE_ELEMENT', 'found 7'],
    [
      'a promise',
      () => new VisitsByUser().put(Promise.resolve(message(Visits, { user: 'a', count: 1 })) as never),
      'WM_TABLE_ELEMENT',
      'VisitsByUser.put(): expected an element of Visits, or its fields, found Promise. Await it first.',
    ],
    [
      'a member that is no field',
      () => new VisitsByUser().put({ user: 'a', count: 1, more: 2 } as never),
      'WM_TABLE_ELEMENT',
      'the element has more, which is not a field of Visits',
    ],
    [
      'no message class',
      () => table(String as never, by as never),
      'WM_TABLE',
      'table(): expected a message class, found the class String',
    ],
    ['no options', () => table(Visits, undefined as never), 'WM_TABLE', 'the options must be an object'],
    [
      'options in two objects',
      () => (table as any)(Visits, by, { store: 'disk' }),
      'WM_TABLE',
      'table(Visits): the options are the last argument, and { store: "disk" } follows them.',
    ],
    [
      'no key to keep by',
      () => table(Visits, {} as never),
      'WM_TABLE',
      'table(Visits): there is no key. Write { key: field(Visits, …) }.',
    ],
    [
      'the key of another class',
      () => table(Visits, { key: field(Order, 'customer') as never }),
      'WM_TABLE',
      'reads Order, but the table keeps elements of Visits',
    ],
    [
      'a key that is a list',
      () => table(Order, { key: field(Order, 'items') as never }),
      'WM_TABLE',
      'is an object or an array; a key is',
    ],
    [
      'an unknown option of table()',
      () => table(Visits, { ...by, ttl: 5 } as never),
      'WM_TABLE',
      'has no option "ttl"',
    ],
    ['an empty name', () => table(Visits, { ...by, name: '' }), 'WM_TABLE', 'name is ""; expected a text'],
  ])('%s', (_, act, code, text) => {
    const refused = refusal(act);
    expect(refused.code).toBe(code);
    expect(refused.message).toContain(text);
  });

  it('keys that cannot be compared with the existing ones, if no type is declared', () => {
    const Loose = table(Visits, { key: ({ user, count }) => (count > 1 ? count : user) });
    const loose = new Loose();
    loose.put(visit('a', 1));
    expect(refusal(() => loose.put(visit('a', 2))).message).toContain(
      'is 2, a number, and each of its keys must be a string',
    );
    expect(loose.size).toBe(1);
  });
});
