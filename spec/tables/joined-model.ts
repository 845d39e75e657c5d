import {
  Field,
  field,
  foldWindow,
  type Joined,
  joinStreams,
  joinWith,
  Message,
  message,
  processFunction,
  sessionWindow,
  slidingWindow,
  type Table,
  table,
  tumblingWindow,
} from 'watermill';
import { type KeyKind, randomKeyKind } from '../support/key-kinds.js';
import type { Random } from '../support/random.js';

/** The work of its calls on the table: `put a 3`, `delete a`, `range b d reverse`. */
@Message()
export class Master {
  @Field() i!: number;
  @Field() t!: number;
  @Field() v!: string;
  @Field(() => [String]) works!: string[];
  /** Its calls throw: before they change anything, or afterwards. */
  @Field() fails!: string;
}

@Message()
export class Child {
  @Field() i!: number;
  @Field() t!: number;
}

@Message()
export class LateMaster {
  @Field() i!: number;
}

@Message()
class Row {
  @Field() key!: string;
  @Field() text!: string;
  @Field() at!: number;
}

/** What a call saw. */
@Message()
export class Seen {
  @Field() text!: string;
}

/** A call: the elements whose work it does, and a text of their groups; or the call at the end of the streams. */
export type TableCall = { readonly masters: readonly Master[]; readonly groups: string } | 'end';

type Rows = Pick<Table<Row, string>, 'get' | 'has' | 'put' | 'delete' | 'size' | 'range'>;

/** A table by keys of a type, as one by letters. */
function byLetters(rows: Table<Row, any>, keys: KeyKind): Rows {
  const border = (letter: string | undefined) => (letter === undefined ? undefined : keys.to(letter));
  return {
    get: (letter) => rows.get(keys.to(letter)),
    has: (letter) => rows.has(keys.to(letter)),
    put: (row) => rows.put(row),
    delete: (letter) => rows.delete(keys.to(letter)),
    get size() {
      return rows.size;
    },
    range: ({ from, to, ...rest } = {}) => rows.range({ from: border(from), to: border(to), ...rest }),
  };
}

const [t, v] = [field(Master, 't'), field(Master, 'v')];

function randomWindow(random: Random) {
  const by = random.chance(0.6) ? { by: v } : {};
  return random.pick([
    () => tumblingWindow(Master, t, { size: 4, ...by }),
    () => sessionWindow(Master, t, { gap: 1, ...by }),
    () => slidingWindow(Master, t, { size: 3, ...by }),
  ])();
}

const shapes = ['slack', 'join', 'window', 'windows of a join', 'folded', 'folded join'] as const;

function sourceOf(shape: (typeof shapes)[number], random: Random): any {
  const kind = random.pick(['inner', 'left'] as const);
  const within = random.chance(0.5) ? { within: [-1, 2] as const } : {};
  const joined = (master: any) =>
    joinStreams(master, joinWith(Child, { left: t as any, right: field(Child, 't'), kind, ...within }));
  const folded = (source: any) =>
    foldWindow(source, {
      initial: () => ({ masters: [] as Master[], groups: '' }),
      add: (acc: { masters: Master[]; groups: string }, master: Master, children?: Joined<any, any>) => ({
        masters: [...acc.masters, master],
        groups: acc.groups + groupsOf([master], children),
      }),
    } as any);
  if (shape === 'slack') return Master;
  if (shape === 'join') return joined(Master);
  if (shape === 'window') return randomWindow(random);
  if (shape === 'windows of a join') return joined(randomWindow(random));
  return folded(shape === 'folded' ? randomWindow(random) : joined(randomWindow(random)));
}

function groupsOf(masters: readonly Master[], children: Joined<Master, Child> | undefined): string {
  if (children === undefined) return '';
  return masters
    .map((master) =>
      children
        .of(master)
        .map(({ i }) => i)
        .join(' '),
    )
    .join(',');
}

const textOf = (rows: Iterable<Readonly<Row>>): string => [...rows].map(({ key, text }) => key + text).join(' ');

/** Does a piece of work of a master, and returns what it saw. */
function workOnce(rows: Rows, { i, t }: Master, each: string): string {
  const [what, key = '', other = ''] = each.split(' ');
  const before = rows.get(key)?.text ?? '';
  const put = (): void => rows.put({ key, text: `${before.slice(-12)}.${i}`, at: t - Number(other) });
  switch (what) {
    case 'put':
      put();
      break;
    case 'delete':
      return `${rows.delete(key)}`;
    case 'again':
      rows.delete(key);
      put();
      break;
    case 'replace':
      put();
      rows.delete(key);
      return `${rows.has(key)}`;
    case 'empty':
      for (const row of [...rows.range()]) rows.delete(row.key);
      break;
    case 'take': {
      const [first] = rows.range({ from: key, limit: 1 });
      if (first !== undefined) rows.delete(first.key);
      return first?.text ?? '-';
    }
    case 'last':
      return textOf(rows.range({ to: key, reverse: true, limit: Number(other) }));
    case 'range': {
      const range = rows.range({ from: key, to: 'd', reverse: other === '1' });
      rows.put({ key: 'c', text: `${i}`, at: t });
      // As it was before.
      return textOf(range);
    }
    case 'look':
      return textOf(rows.range());
  }
  return `${before}/${rows.size}`;
}

/** Does the work of a call, and returns what it saw. */
function work(rows: Rows, { masters, groups }: Exclude<TableCall, 'end'>, fails: () => never): Seen {
  const seen = [`${masters.map(({ i }) => i).join(' ')} with ${groups}`];
  if (masters.some((master) => master.fails === 'before')) fails();
  for (const master of masters) for (const each of master.works) seen.push(workOnce(rows, master, each));
  if (masters.some((master) => master.fails === 'after')) fails();
  return message(Seen, { text: seen.join('; ') });
}

/** A table as a Map, of which a copy is taken for each call. */
class PlainRows implements Rows {
  constructor(private readonly rows = new Map<string, Row>()) {}

  copy(): PlainRows {
    return new PlainRows(new Map(this.rows));
  }

  get size(): number {
    return this.rows.size;
  }

  get(key: string): Row | undefined {
    return this.rows.get(key);
  }

  put(row: Row): void {
    this.rows.set(row.key, row);
  }

  delete(key: string): boolean {
    return this.rows.delete(key);
  }

  has(key: string): boolean {
    return this.rows.has(key);
  }

  range({ from = 'a', to = 'z', reverse = false, limit }: Parameters<Rows['range']>[0] = {}): Row[] {
    const sorted = [...this.rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const found = sorted.filter(({ key }) => key >= from && key <= to);
    return (reverse ? found.reverse() : found).slice(0, limit);
  }

  expire(frontier: number, after: number): void {
    for (const { key, at } of this.range()) if (at + after < frontier) this.delete(key);
  }
}

/** A random table under the calls of a random source, in plain code as well. */
export function randomJoinedTable(random: Random) {
  const shape = random.pick(shapes);
  const source = sourceOf(shape, random);
  const isFolded = shape.startsWith('folded');
  const isWindowed = shape.startsWith('window');
  const after = isFolded || random.chance(0.4) ? undefined : random.int(6);
  const order = shape === 'slack' ? 'slack' : random.pick(['fail', 'skip', 'slack'] as const);
  const isAsync = random.chance(0.3);
  const atEnd = random.pick([undefined, 'changes', 'fails'] as const);
  const keys = randomKeyKind(random);
  const key = keys.name === 'letter' ? field(Row, 'key') : (((row: Row) => keys.to(row.key)) as any);
  const expires = after !== undefined && { expires: { after, by: field(Row, 'at') } };
  const callOf = (args: readonly any[]): Exclude<TableCall, 'end'> => {
    if (isFolded) return args[0];
    const masters = isWindowed ? args[0] : [args[0]];
    return { masters, groups: groupsOf(masters, shape === 'window' || shape === 'slack' ? undefined : args[1]) };
  };
  const lastWork = message(Master, { i: -1, t: 50, v: '', works: ['put a 0', 'delete b', 'look'], fails: '' });
  const ends = (rows: Rows, fails: () => never): Seen => {
    const seen = work(rows, { masters: [lastWork], groups: '' }, fails);
    return atEnd === 'fails' ? fails() : seen;
  };
  const policy = { late: LateMaster, ...(order === 'skip' ? { skip: true } : { slack: 4 }) };
  const by = shape === 'slack' ? { by: t } : {};
  const fails = (): never => {
    throw new Error('no');
  };
  return {
    text: `${shape}, ${order}, by ${keys.name}, expires ${after}, at the end ${atEnd}`,
    jitter: order === 'fail' ? 0 : 7,
    inputs: (order === 'fail' ? [] : [[Master, { order: { ...policy, ...by } }]]) as any,
    tableOf: (store: 'memory' | 'disk') => table(Row, { key, store, name: 'Rows', ...expires }),
    /** `onCall` is called at the beginning of each call. */
    make: (rows: any, onCall: () => void) =>
      processFunction(
        source,
        {
          inject: [rows],
          emits: [Seen],
          onError: 'skip',
          ...(atEnd !== undefined && { atEnd: (own: any) => ends(byLetters(own, keys), fails) }),
        } as any,
        ((...args: unknown[]): unknown => {
          onCall();
          const seen = (): Seen => work(byLetters(args.at(-1) as any, keys), callOf(args), fails);
          return isAsync ? new Promise((resolve) => setImmediate(resolve)).then(seen) : seen();
        }) as any,
      ),
    /** The same calls without a table. */
    calling: (calls: TableCall[]) =>
      processFunction(
        source,
        { atEnd: () => void calls.push('end') } as any,
        ((...args: unknown[]) => void calls.push(callOf(args))) as any,
      ),
    /** The results of these calls, and the rows after each of them. */
    expected: (calls: readonly TableCall[]) => {
      let rows = new PlainRows();
      const seen: string[] = [];
      const states = [JSON.stringify(rows.range())];
      for (const call of calls) {
        if (call !== 'end' && after !== undefined) rows.expire(call.masters.at(-1)!.t, after);
        const own = rows.copy();
        if (call !== 'end' || atEnd !== undefined) {
          try {
            seen.push((call === 'end' ? ends(own, fails) : work(own, call, fails)).text);
            rows = own;
          } catch {
            // The changes of the call are dropped.
          }
        }
        states.push(JSON.stringify(rows.range()));
      }
      return { seen, states };
    },
  };
}

const works = [
  'put',
  'put',
  'put',
  'put',
  'delete',
  'look',
  'get',
  'again',
  'replace',
  'take',
  'last',
  'range',
  'empty',
];

export function randomMasters(random: Random, jitter: number): Master[] {
  let time = 0;
  return Array.from({ length: random.int(25) }, (_, i) => {
    time += random.pick([0, 0, 1, 1, 2, 6]);
    return message(Master, {
      i,
      t: time - (jitter === 0 ? 0 : random.int(jitter)),
      v: random.pick(['x', 'y', 'z']),
      works: Array.from(
        { length: random.int(4) },
        () => `${random.pick(works)} ${random.pick(['a', 'b', 'c', 'd', 'e'])} ${random.int(4)}`,
      ),
      fails: random.pick(['', '', '', '', 'before', 'after']),
    });
  });
}

export function randomChildren(random: Random): Child[] {
  let time = 0;
  return Array.from({ length: random.int(25) }, (_, i) => {
    time += random.pick([0, 0, 1, 1, 2, 6]);
    return message(Child, { i, t: time });
  });
}
