import initSqlJs, { type Database } from 'sql.js';
import {
  calendarWindow,
  countWindow,
  Field,
  field,
  foldWindow,
  hoppingWindow,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  sessionWindow,
  slidingWindow,
  tumblingWindow,
  WaterMill,
  window,
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

/**
 * Half an hour per step of a key, from shortly before a clock change in Berlin (to summer time or back) or a change of
 * month.
 */
const starts = [Date.UTC(2026, 2, 28, 20), Date.UTC(2026, 9, 24, 20), Date.UTC(2026, 3, 30, 12)];

function randomReadings(random: Random): Reading[] {
  let key = random.int(4);
  const start = random.pick(starts);
  const values = random.pick(['a', 'ab', 'abcd']);
  return Array.from({ length: random.int(30) }, (_, position) => {
    key += random.pick([0, 1, 1, 2, 4]);
    return message(Reading, { position, k: key, at: new Date(start + key * 1_800_000), v: random.pick([...values]) });
  });
}

@Message()
class Check {
  @Field() position!: number;
  @Field() k!: number;
}

function randomChecks(random: Random): Check[] {
  let key = 0;
  return Array.from({ length: random.int(30) }, (_, position) => {
    key += random.pick([0, 1, 1, 2]);
    return message(Check, { position, k: key });
  });
}

/** Each window as its value and the positions in it, in the order of its closing key, then of its last element. */
const listed = (windows: string): string => `
  SELECT v || ': ' || GROUP_CONCAT(position, ' ') FROM (SELECT * FROM (${windows}) ORDER BY position)
  GROUP BY v, w ORDER BY MAX(due), MAX(position), MIN(position)`;

/** Berlin is one hour ahead of UTC, in summer two. */
const localTime = `at / 1000 + CASE WHEN at >= ${Date.UTC(2026, 2, 29, 1)} AND at < ${Date.UTC(2026, 9, 25, 1)}
  THEN 7200 ELSE 3600 END, 'unixepoch'`;
/** The start of the window, found by the modifiers. */
const from = (modifiers: string): string =>
  `SELECT *, DATE(${localTime}${modifiers}) AS w, JULIANDAY(DATE(${localTime}${modifiers})) AS due FROM S`;

const at = field(Reading, 'at');
const zone = 'Europe/Berlin';

/** The same, with the group of each position. */
const withGroups = (windows: string): string => `
  SELECT v || ': ' || GROUP_CONCAT(position || '(' || (SELECT GROUP_CONCAT(p, ',') FROM
    (SELECT C.position AS p FROM C JOIN R ON R.k = C.k WHERE R.position = found.position ORDER BY p)) || ')', ' ')
  FROM (SELECT * FROM (${windows}) ORDER BY position) AS found
  GROUP BY v, w ORDER BY MAX(due), MAX(position), MIN(position)`;

const kinds: [name: string, window: any, sql: string][] = [
  [
    'tumbling',
    tumblingWindow(Reading, k, { size: 5, offset: 2, by }),
    'SELECT *, (k + 3) / 5 AS w, (k + 3) / 5 AS due FROM S',
  ],
  [
    'hopping',
    hoppingWindow(Reading, k, { size: 6, every: 4, by }),
    // The numbers of windows: a key is in those that start at most 5 below it.
    `SELECT R.*, n.w AS w, n.w AS due FROM S R JOIN (
       WITH RECURSIVE n(w) AS (SELECT -2 UNION ALL SELECT w + 1 FROM n WHERE w < 60) SELECT w FROM n
     ) n ON k >= n.w * 4 AND k < n.w * 4 + 6`,
  ],
  [
    'session',
    sessionWindow(Reading, k, { gap: 3, by }),
    `SELECT *, MAX(k) OVER (PARTITION BY v, w) AS due FROM (
       SELECT *, SUM(begins) OVER (PARTITION BY v ORDER BY position) AS w FROM (
         SELECT *, k - LAG(k, 1, -100) OVER (PARTITION BY v ORDER BY position) > 3 AS begins FROM S))`,
  ],
  [
    'sliding',
    slidingWindow(Reading, k, { size: 4, by }),
    `SELECT M.position AS position, R.v AS v, R.position AS w, R.position AS due
     FROM S R JOIN S M ON M.v = R.v AND M.position <= R.position AND M.k >= R.k - 4`,
  ],
  [
    'count',
    countWindow(Reading, { size: 3, by }),
    // Incomplete windows come last.
    `SELECT *, CASE WHEN COUNT(*) OVER (PARTITION BY v, w) = 3 THEN MAX(position) OVER (PARTITION BY v, w) ELSE 1e9 END AS due
     FROM (SELECT *, (ROW_NUMBER() OVER (PARTITION BY v ORDER BY position) - 1) / 3 AS w FROM S)`,
  ],
  ['stretches', window(Reading, k.floorDiv(3), { by }), 'SELECT *, k / 3 AS w, k / 3 AS due FROM S'],
  ['calendar days', calendarWindow(Reading, at, { unit: 'day', zone, by }), from('')],
  ['calendar weeks', calendarWindow(Reading, at, { unit: 'week', zone, by }), from(", 'weekday 0', '-6 days'")],
  ['calendar months', calendarWindow(Reading, at, { unit: 'month', zone, by }), from(", 'start of month'")],
  // Each hour of this clock is one of UTC.
  [
    'calendar hours',
    calendarWindow(Reading, at, { unit: 'hour', zone, by }),
    'SELECT *, at / 3600000 AS w, at / 3600000 AS due FROM S',
  ],
];

describe('windows by value equal those of an SQL engine', () => {
  let database: Database;
  beforeAll(async () => {
    database = new (await initSqlJs()).Database();
  });
  afterAll(() => database.close());

  /** Fills S with the survivors: all readings, or those with a check. */
  function fill(readings: readonly Reading[], checks?: readonly Check[]): void {
    for (const name of ['VIEW IF EXISTS S', 'TABLE IF EXISTS R', 'TABLE IF EXISTS C']) database.run(`DROP ${name}`);
    database.run('CREATE TABLE C (position INTEGER, k INTEGER)');
    for (const { position, k } of checks ?? []) database.run('INSERT INTO C VALUES (?, ?)', [position, k]);
    database.run(`CREATE VIEW S AS SELECT * FROM R${checks === undefined ? '' : ' WHERE k IN (SELECT k FROM C)'}`);
    database.run('CREATE TABLE R (position INTEGER, k INTEGER, at INTEGER, v TEXT)');
    for (const { position, k, at, v } of readings) {
      database.run('INSERT INTO R VALUES (?, ?, ?, ?)', [position, k, at.getTime(), v]);
    }
  }

  async function found(process: any, readings: Reading[], checks: Check[] = []): Promise<string[]> {
    const broker = new MemoryMessageBroker([
      [Reading, readings],
      [Check, checks],
    ]);
    await new WaterMill({ process, broker }).run();
    return broker.written(Found).map(({ text }) => text);
  }

  it.each(kinds)('%s, over a join, with the groups of their elements', async (_, window, sql) => {
    const tree: any = joinStreams(window, joinWith(Check, { left: k, right: field(Check, 'k') }));
    const process = (processFunction as any)(tree, { emits: [Found] }, (members: Reading[], checks: any) => {
      const each = members.map((one) => {
        const group = checks.of(one).map(({ position }: Check) => position);
        return `${one.position}(${group.join(',')})`;
      });
      return message(Found, { text: `${(members[0] as Reading).v}: ${each.join(' ')}` });
    });
    const count = Math.min(shareOfCases(15, 1), 2000);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      const random = new Random(seed);
      const [readings, checks] = [randomReadings(random), randomChecks(random)];
      fill(readings, checks);
      const want = rowsOf(database, withGroups(sql)).map(([text]) => text);
      expect({ seed, found: await found(process, readings, checks) }).toEqual({ seed, found: want });
    }
  });

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
