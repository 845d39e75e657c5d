import initSqlJs, { type Database } from 'sql.js';
import {
  Field,
  field,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  type Table,
  table,
  WaterMill,
} from 'watermill';
import { flow, hopping, session, sliding, tumbling } from 'watermill/flow';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { type TemporaryDirectory, temporaryDirectory } from '../support/temporary-directory.js';
import { rowsOf } from './tables.js';

@Message()
class Payment {
  @Field() position!: number;
  @Field() k!: number;
  @Field() v!: string;
}

/** The state of a payer. */
@Message()
class Account {
  @Field() v!: string;
  @Field() count!: number;
  @Field() sum!: number;
  @Field() last!: number;
}

@Message()
class Found {
  @Field() text!: string;
}

class Accounts extends table(Account, { key: field(Account, 'v') }) {}
class AccountsOnDisk extends table(Account, { key: field(Account, 'v'), store: 'disk' }) {}

function next(before: Account | undefined, { v, k, position }: Payment): Account {
  return message(Account, { v, count: (before?.count ?? 0) + 1, sum: (before?.sum ?? 0) + k, last: position });
}

function shown(before: Account | undefined, { count, sum }: Account): string {
  return `${count} ${sum} ${before?.last ?? 'none'}`;
}

function counting(accounts: typeof Accounts) {
  return processFunction(
    Payment,
    { inject: [accounts], emits: [Found] },
    (payment, accounts: Table<Account, string>) => {
      const before = accounts.get(payment.v);
      accounts.put(next(before, payment));
      const after = accounts.get(payment.v) as Account;
      const known = [...accounts.range()].map(({ v, count }) => `${v}${count}`);
      return message(Found, { text: `${shown(before, after)}, ${accounts.size}: ${known.join(' ')}` });
    },
  );
}

const counted = `SELECT *,
  COUNT(*) OVER (PARTITION BY v ORDER BY position) || ' ' || SUM(k) OVER (PARTITION BY v ORDER BY position) || ' ' ||
  COALESCE(LAG(position) OVER (PARTITION BY v ORDER BY position), 'none') AS own FROM R`;

/** For each row the number of distinct values so far, and the count of each. */
const sqlOfTables = `SELECT own || ', ' || (SELECT COUNT(DISTINCT v) FROM R WHERE R.position <= now.position) || ': ' ||
  (SELECT GROUP_CONCAT(v || n, ' ') FROM (SELECT v, COUNT(*) AS n FROM R WHERE R.position <= now.position GROUP BY v ORDER BY v))
  FROM (${counted}) AS now ORDER BY position`;

const keyed = flow(Payment).keyBy(({ v }) => v);

const stateful = keyed
  .statefulMap('accounts', Account, {
    initial: (v) => ({ v, count: 0, sum: 0, last: -1 }),
    next: (state, payment) => {
      const before = state.count === 0 ? undefined : message(Account, { ...state });
      const after = next(before, payment);
      return [after, shown(before, after)];
    },
  })
  .map((text) => message(Found, { text }))
  .to(Found);

/** Passed on and reset when the sum reaches 9. */
const upToNine = keyed
  .reduce('sums', Account, {
    first: (payment) => next(undefined, payment),
    add: (before, payment) => next(before, payment),
    complete: ({ sum }) => sum >= 9,
  })
  .map(({ v, count, sum, last }) => message(Found, { text: `${v} ${count} ${sum} ${last}` }))
  .to(Found);

/** Row by row, with the values so far. */
const sqlUpToNine = `WITH RECURSIVE
  numbered AS (SELECT *, ROW_NUMBER() OVER (PARTITION BY v ORDER BY position) AS n FROM R),
  steps(v, n, position, count, sum) AS (
    SELECT v, n, position, 1, k FROM numbered WHERE n = 1
    UNION ALL
    SELECT r.v, r.n, r.position, CASE WHEN s.sum >= 9 THEN 1 ELSE s.count + 1 END, CASE WHEN s.sum >= 9 THEN r.k ELSE s.sum + r.k END
    FROM steps s JOIN numbered r ON r.v = s.v AND r.n = s.n + 1)
  SELECT v || ' ' || count || ' ' || sum || ' ' || position FROM steps WHERE sum >= 9 ORDER BY position`;

const lists = keyed
  .batch('lists', { size: 3 })
  .map((payments) => message(Found, { text: payments.map(({ position }) => position).join(' ') }))
  .to(Found);

const sqlOfLists = `SELECT GROUP_CONCAT(position, ' ') FROM (SELECT *, (ROW_NUMBER() OVER (PARTITION BY v ORDER BY position) - 1) / 3 AS w
  FROM R ORDER BY position) GROUP BY v, w ORDER BY CASE WHEN COUNT(*) = 3 THEN MAX(position) ELSE 1e9 END, MAX(position)`;

/** Values are out of order by at most this. */
const wait = 6;

const windowed = (window: Parameters<typeof keyed.collectWindow>[1]['window']) =>
  keyed
    .collectWindow('windows', { window: window as any, at: ({ k }) => k, wait })
    .map(({ key, start, end, value }) =>
      message(Found, { text: `${key} ${start} ${end}: ${value.map(({ position }) => position).join(' ')}` }),
    )
    .to(Found);

/** Members in the order of their times; windows by closing time, then by their last members. */
const listed = (
  windows: string,
) => `SELECT v || ' ' || MIN(start) || ' ' || MAX("end") || ': ' || GROUP_CONCAT(position, ' ')
  FROM (SELECT * FROM (${windows}) ORDER BY turn) GROUP BY v, w ORDER BY MAX(due), MAX(turn), MIN(turn)`;

const numbers = 'WITH RECURSIVE n(w) AS (SELECT -9 UNION ALL SELECT w + 1 FROM n WHERE w < 60) SELECT w FROM n';

const inTurn = 'SELECT *, ROW_NUMBER() OVER (ORDER BY k, position) AS turn FROM R';

const flows: [name: string, process: object, sql: string][] = [
  ['a table in memory', counting(Accounts), sqlOfTables],
  ['a table on disk', counting(AccountsOnDisk as typeof Accounts), sqlOfTables],
  ['statefulMap', stateful, `SELECT own FROM (${counted}) ORDER BY position`],
  ['reduce', upToNine, sqlUpToNine],
  ['batch', lists, sqlOfLists],
  [
    'tumbling windows, out of order',
    windowed(tumbling({ size: 4 })),
    listed(`SELECT *, k / 4 AS w, k / 4 * 4 AS start, k / 4 * 4 + 4 AS "end", k / 4 * 4 + 4 AS due FROM (${inTurn})`),
  ],
  [
    'hopping windows, out of order',
    windowed(hopping({ size: 5, every: 2 })),
    listed(`SELECT R.*, n.w AS w, n.w * 2 AS start, n.w * 2 + 5 AS "end", n.w * 2 + 5 AS due
      FROM (${inTurn}) R JOIN (${numbers}) n ON k >= n.w * 2 AND k < n.w * 2 + 5`),
  ],
  [
    'sliding windows, out of order',
    windowed(sliding({ size: 3 })),
    listed(`SELECT M.position AS position, M.turn AS turn, R.v AS v, R.turn AS w, R.k - 3 AS start, R.k AS "end", R.k * 1000 + R.turn AS due
      FROM (${inTurn}) R JOIN (${inTurn}) M ON M.v = R.v AND M.turn <= R.turn AND M.k >= R.k - 3`),
  ],
  [
    'sessions, out of order',
    windowed(session({ gap: 2 })),
    listed(`SELECT *, MIN(k) OVER (PARTITION BY v, w) AS start, MAX(k) OVER (PARTITION BY v, w) AS "end", MAX(k) OVER (PARTITION BY v, w) AS due
      FROM (SELECT *, SUM(begins) OVER (PARTITION BY v ORDER BY turn) AS w FROM (
        SELECT *, k - LAG(k, 1, -100) OVER (PARTITION BY v ORDER BY turn) > 2 AS begins FROM (${inTurn})))`),
  ],
];

function randomPayments(random: Random): Payment[] {
  let key = 0;
  const values = random.pick(['a', 'ab', 'abcd']);
  return Array.from({ length: random.int(30) }, (_, position) => {
    key += random.pick([0, 1, 1, 2, 4]);
    return message(Payment, { position, k: Math.max(0, key - random.int(wait + 1)), v: random.pick([...values]) });
  });
}

describe('running counts, and the state of flows, equal those of an SQL engine', () => {
  let database: Database;
  let directory: TemporaryDirectory;
  beforeAll(async () => {
    database = new (await initSqlJs()).Database();
    directory = temporaryDirectory();
  });
  afterAll(() => {
    database.close();
    directory.remove();
  });

  it.each(flows)('%s', async (name, process, sql) => {
    let results = 0;
    const count = Math.min(shareOfCases(name.includes('disk') ? 5 : 25, flows.length), 2000);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      const payments = randomPayments(new Random(seed));
      database.run('DROP TABLE IF EXISTS R');
      database.run('CREATE TABLE R (position INTEGER, k INTEGER, v TEXT)');
      for (const { position, k, v } of payments) database.run('INSERT INTO R VALUES (?, ?, ?)', [position, k, v]);
      const want = rowsOf(database, sql).map(([text]) => text);
      results += want.length;
      const broker = new MemoryMessageBroker([[Payment, payments]]);
      await new WaterMill({ process, broker, storeFolder: directory.file('stores') } as any).run();
      expect({ seed, found: broker.written(Found).map(({ text }) => text) }).toEqual({ seed, found: want });
    }
    expect(results).toBeGreaterThan(count);
  });
});
