import initSqlJs, { type Database } from 'sql.js';
import {
  calendarWindow,
  countWindow,
  Field,
  field,
  foldWindow,
  hoppingWindow,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  sessionWindow,
  slidingWindow,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { rowsOf } from './tables.js';

@Message()
class Reading {
  @Field() position!: number;
  @Field() k!: number;
  @Field() at!: Date;
  @Field() v!: string;
}

@Message()
class Found {
  @Field() text!: string;
}

const k = field(Reading, 'k');
const by = field(Reading, 'v');

/** Half an hour for each step of a key, from shortly before the clock changes in Berlin: to summer time, or back. */
const starts = [Date.UTC(2026, 2, 28, 20), Date.UTC(2026, 9, 24, 20)];

function randomReadings(random: Random): Reading[] {
  let key = random.int(4);
  const start = random.pick(starts);
  const values = random.pick(['a', 'ab', 'abcd']);
  return Array.from({ length: random.int(30) }, (_, position) => {
    key += random.pick([0, 1, 1, 2, 4]);
    return message(Reading, { position, k: key, at: new Date(start + key * 1_800_000), v: random.pick([...values]) });
  });
}

/** Each window as its value and the positions in it: in the order of its closing key, then of its last element. */
const listed = (windows: string): string => `
  SELECT v || ': ' || GROUP_CONCAT(position, ' ') FROM (SELECT * FROM (${windows}) ORDER BY position)
  GROUP BY v, w ORDER BY MAX(due), MAX(position), MIN(position)`;

/** Berlin is one hour ahead of UTC, in summer two. */
const localDate = `DATE(at / 1000 + CASE WHEN at >= ${Date.UTC(2026, 2, 29, 1)} AND at < ${Date.UTC(2026, 9, 25, 1)}
  THEN 7200 ELSE 3600 END, 'unixepoch')`;

const kinds: [name: string, window: any, sql: string][] = [
  [
    'tumbling',
    tumblingWindow(Reading, k, { size: 5, offset: 2, by }),
    'SELECT *, (k + 3) / 5 AS w, (k + 3) / 5 AS due FROM R',
  ],
  [
    'hopping',
    hoppingWindow(Reading, k, { size: 6, every: 4, by }),
    // The numbers of windows: a key is in those that start at most 5 below it.
    `SELECT R.*, n.w AS w, n.w AS due FROM R JOIN (
       WITH RECURSIVE n(w) AS (SELECT -2 UNION ALL SELECT w + 1 FROM n WHERE w < 60) SELECT w FROM n
     ) n ON k >= n.w * 4 AND k < n.w * 4 + 6`,
  ],
  [
    'session',
    sessionWindow(Reading, k, { gap: 3, by }),
    `SELECT *, MAX(k) OVER (PARTITION BY v, w) AS due FROM (
       SELECT *, SUM(begins) OVER (PARTITION BY v ORDER BY position) AS w FROM (
         SELECT *, k - LAG(k, 1, -100) OVER (PARTITION BY v ORDER BY position) > 3 AS begins FROM R))`,
  ],
  [
    'sliding',
    slidingWindow(Reading, k, { size: 4, by }),
    `SELECT M.position AS position, R.v AS v, R.position AS w, R.position AS due
     FROM R JOIN R M ON M.v = R.v AND M.position <= R.position AND M.k >= R.k - 4`,
  ],
  [
    'count',
    countWindow(Reading, { size: 3, by }),
    // Those that are not full come last.
    `SELECT *, CASE WHEN COUNT(*) OVER (PARTITION BY v, w) = 3 THEN MAX(position) OVER (PARTITION BY v, w) ELSE 1e9 END AS due
     FROM (SELECT *, (ROW_NUMBER() OVER (PARTITION BY v ORDER BY position) - 1) / 3 AS w FROM R)`,
  ],
  [
    'calendar days',
    calendarWindow(Reading, field(Reading, 'at'), { unit: 'day', zone: 'Europe/Berlin', by }),
    `SELECT *, ${localDate} AS w, JULIANDAY(${localDate}) AS due FROM R`,
  ],
];

describe('windows by value are what an SQL engine says they are', () => {
  let database: Database;
  beforeAll(async () => {
    database = new (await initSqlJs()).Database();
  });
  afterAll(() => database.close());

  function fill(readings: readonly Reading[]): void {
    database.run('DROP TABLE IF EXISTS R');
    database.run('CREATE TABLE R (position INTEGER, k INTEGER, at INTEGER, v TEXT)');
    for (const { position, k, at, v } of readings) {
      database.run('INSERT INTO R VALUES (?, ?, ?, ?)', [position, k, at.getTime(), v]);
    }
  }

  async function found(process: any, readings: Reading[]): Promise<string[]> {
    const broker = new MemoryMessageBroker([[Reading, readings]]);
    await new WaterMill({ process, broker }).run();
    return broker.written(Found).map(({ text }) => text);
  }

  it.each(kinds)('%s, as arrays and folded', async (_, window, sql) => {
    const arrays = processFunction(window, { emits: [Found] }, (members: any) =>
      message(Found, { text: `${members[0].v}: ${members.map((each: Reading) => each.position).join(' ')}` }),
    );
    const lists = foldWindow(window, {
      initial: (v: any) => ({ v, list: [] as number[] }),
      add: ({ v, list }: any, each: any) => ({ v, list: [...list, each.position] }),
    });
    const folded = processFunction(lists, { emits: [Found] }, ({ v, list }: any) =>
      message(Found, { text: `${v}: ${list.join(' ')}` }),
    );
    let windows = 0;
    const count = Math.min(shareOfCases(25, 1), 2000);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      const readings = randomReadings(new Random(seed));
      fill(readings);
      const want = rowsOf(database, listed(sql)).map(([text]) => text);
      windows += want.length;
      expect(await found(arrays, readings)).toEqual(want);
      expect(await found(folded, readings)).toEqual(want);
    }
    expect(windows).toBeGreaterThan(count);
  });
});
