import { OrderOnDisk } from '../../lib/tables/disk/order-on-disk.js';
import type { RowRange } from '../../lib/tables/row.js';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';

type Range = Partial<RowRange> & { readonly from?: number; readonly to?: number };

/** Numbers in order, some of them overridden, over a disk that counts the rows that are read. */
class Model {
  readonly disk = new Map<number, string>();
  readonly current = new Map<number, string>();
  /** With the values that will be written; undefined for a deleted key. */
  readonly unwritten = new Map<number, string | undefined>();
  read = 0;
  readonly order = new OrderOnDisk<string>((range) => this.stored(range));

  /** Only as many as are used, and a view of now if there is no limit. */
  private *rows(entries: readonly (readonly [number, string])[]) {
    for (const [key, value] of entries) {
      this.read++;
      yield { key, value };
    }
  }

  private stored(range: RowRange): Iterable<{ key: number; value: string }> {
    const entries = within(this.disk, range);
    return { [Symbol.iterator]: () => this.rows(entries) };
  }

  put(key: number, value: string): void {
    this.current.set(key, value);
    this.unwritten.set(key, value);
    this.order.set(key, value);
  }

  delete(key: number): void {
    this.current.delete(key);
    this.unwritten.set(key, undefined);
    this.order.delete(key);
  }

  write(key: number): void {
    if (!this.unwritten.has(key)) return;
    const value = this.unwritten.get(key);
    this.unwritten.delete(key);
    if (value === undefined) this.disk.delete(key);
    else this.disk.set(key, value);
    this.order.written(key);
  }

  writeAll(): void {
    for (const key of [...this.unwritten.keys()]) this.write(key);
  }
}

function within(map: ReadonlyMap<number, string>, range: Range): (readonly [number, string])[] {
  const { from = Number.NEGATIVE_INFINITY, to = Number.POSITIVE_INFINITY, reverse, limit } = range;
  const sorted = [...map].filter(([key]) => key >= from && key <= to).sort(([a], [b]) => (reverse ? b - a : a - b));
  return sorted.slice(0, limit);
}

function check(model: Model, range: RowRange & Range): void {
  const expected = within(model.current, range).map(([, value]) => value);
  expect([...model.order.range(range)]).toEqual(expected);
}

interface View {
  readonly found: Iterable<string>;
  readonly expected: readonly string[];
}

function readView(view: View | undefined): void {
  expect([...(view?.found ?? [])]).toEqual(view?.expected);
}

it('is the order of the rows on disk and of those that are not written yet', () => {
  for (let seed = firstSeed(); seed < firstSeed() + cases(100); seed++) {
    const random = new Random(seed);
    const model = new Model();
    const keys = random.pick([4, 30, 300]);
    for (let key = 0; key < keys; key++) if (random.chance(0.5)) model.put(key, `${key}`);
    model.writeAll();
    const views: View[] = [];
    try {
      for (let i = 0; i < 150; i++) {
        const key = random.int(keys);
        const border = (): number | undefined => (random.chance(0.5) ? undefined : random.int(keys));
        const reverse = random.chance(0.3);
        const range = {
          from: border(),
          to: border(),
          reverse,
          limit: random.pick([0, 1, 1, 2, 20, 1_000]),
        } as RowRange;
        switch (random.int(7)) {
          case 0:
          case 1:
            model.put(key, `${key}.${i}`);
            break;
          case 2:
            model.delete(key);
            break;
          case 3: {
            // As in a queue: the first ones go.
            const isAsked = random.chance(0.5);
            for (const [first] of within(model.current, { reverse, limit: random.int(40) })) {
              const [found] = isAsked ? model.order.range({ reverse, limit: random.pick([1, 1_000]) }) : [first];
              if (isAsked) expect(found).toBe(model.current.get(first));
              model.delete(first);
            }
            check(model, { reverse, limit: 1 });
            break;
          }
          case 4:
            if (random.chance(0.3)) model.writeAll();
            else for (let j = random.int(10); j > 0; j--) model.write(random.int(keys));
            break;
          case 5:
            views.push({
              found: model.order.range(range),
              expected: within(model.current, range as Range).map(([, value]) => value),
            });
            // One of before, which was not read yet.
            if (views.length > 3) readView(views.splice(random.int(views.length), 1)[0]);
            break;
          default:
            check(model, range as RowRange & Range);
        }
      }
      for (const view of views) readView(view);
    } catch (error) {
      throw new Error(`${repeatBy(seed)}: ${(error as Error).message}`);
    }
  }
});

const queues: [reverse: boolean, limit: number][] = [
  [false, 1],
  [true, 1],
  [false, 1_000],
  [true, 1_000],
];

it.each(queues)(
  'a queue reads each row from disk a few times, not for each range: in reverse %p, limit %p',
  (reverse, limit) => {
    const model = new Model();
    const count = 1_000;
    for (let key = 0; key < count; key++) model.put(key, String(key));
    model.writeAll();
    for (let i = 0; i < count; i++) {
      const [first] = model.order.range({ reverse, limit });
      expect(first).toBe(String(reverse ? count - 1 - i : i));
      model.delete(Number(first));
      // Appended at the other end, and written at times.
      model.put(reverse ? -1 - i : count + i, 'new');
      if (i % 400 === 399) model.writeAll();
    }
    expect(model.read).toBeLessThan(10 * count);
  },
);

it.each(queues)('so do several queues, with other ranges in between: in reverse %p, limit %p', (reverse, limit) => {
  const model = new Model();
  const count = 150;
  for (let key = 0; key < 3 * count; key++) model.put(key, String(key));
  model.writeAll();
  /** The first key of a queue, or the one after some others. */
  const firstOf = (queue: number, after = 0): string => {
    const [low, high] = [queue * count, (queue + 1) * count - 1];
    const range = reverse ? { from: low, to: high - after } : { from: low + after, to: high };
    const [first] = model.order.range({ ...range, reverse, limit });
    return String(reverse ? high - Number(first) : Number(first) - low);
  };
  for (let i = 0; i < count; i++) {
    for (const queue of [0, 2]) {
      expect(firstOf(queue)).toBe(String(i));
      model.delete(queue * count + (reverse ? count - 1 - i : i));
      for (let j = 0; j < 9; j++) {
        const after = (9 * i + j) % count;
        expect(firstOf(1, after)).toBe(String(after));
      }
    }
  }
  expect(model.read).toBeLessThan(100 * count);
});

it('returns a row that was written between the creation of a view and its reading', () => {
  const model = new Model();
  for (const key of [1, 3]) model.put(key, String(key));
  model.writeAll();
  model.delete(1);
  const view = model.order.range({ reverse: false, limit: 1_000 });
  model.put(2, '2');
  model.write(2);
  expect([...view]).toEqual(['3']);
  expect([...model.order.range({ reverse: false, limit: 1 })]).toEqual(['2']);
});
