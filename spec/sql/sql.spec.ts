import initSqlJs, { type Database } from 'sql.js';
import { laneSpec, run } from '../lane/harness.js';
import type { Data, Element, Expected, Shown, TestEdge, TestMatch, TestNode } from '../oracle/tree.js';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { fillTables, rowsOf } from './tables.js';

const kinds = ['inner', 'left', 'semi', 'anti'] as const;
const matches: [name: string, match: TestMatch, condition: string, order?: string][] = [
  ['equal', { type: 'equal' }, 'C.k = M.k'],
  ['within', { type: 'within', low: -1, high: 2 }, 'C.k BETWEEN M.k - 1 AND M.k + 2'],
  ['within, ahead', { type: 'within', low: 1, high: 3 }, 'C.k BETWEEN M.k + 1 AND M.k + 3'],
  ['as of backward', asOf('backward'), 'C.k <= M.k', 'C.k DESC, C.position DESC'],
  ['as of backward, tolerance', asOf('backward', 2), 'C.k <= M.k AND M.k - C.k <= 2', 'C.k DESC, C.position DESC'],
  ['as of forward', asOf('forward'), 'C.k >= M.k', 'C.k, C.position'],
  ['as of forward, tolerance', asOf('forward', 2), 'C.k >= M.k AND C.k - M.k <= 2', 'C.k, C.position'],
  ['as of nearest', asOf('nearest'), 'TRUE', nearest()],
  ['as of nearest, tolerance', asOf('nearest', 2), 'ABS(C.k - M.k) <= 2', nearest()],
];

function asOf(direction: 'backward' | 'forward' | 'nearest', tolerance?: number): TestMatch {
  return { type: 'asOf', direction, tolerance };
}

/**
 * The nearest first; of two equally near the previous one; of equal keys the last one before, the first one at or
 * after.
 */
function nearest(): string {
  return 'ABS(C.k - M.k), C.k, CASE WHEN C.k < M.k THEN -C.position ELSE C.position END';
}

/** Returns the result of SQL for a join of M and C: for each M the positions of its group. */
function select(database: Database, kind: TestEdge['kind'], condition: string, order: string | undefined): string[] {
  if (kind === 'semi' || kind === 'anti') {
    const negation = kind === 'anti' ? 'NOT ' : '';
    const found = rowsOf(
      database,
      `SELECT M.position FROM M WHERE ${negation}EXISTS (SELECT * FROM C WHERE ${condition}) ORDER BY M.position`,
    );
    return found.map(([position]) => `M${position}`);
  }
  const one =
    order === undefined
      ? ''
      : ` AND C.position = (SELECT C.position FROM C WHERE ${condition} ORDER BY ${order} LIMIT 1)`;
  const join = kind === 'left' ? 'LEFT JOIN' : 'JOIN';
  return grouped(
    rowsOf(
      database,
      `SELECT M.position, C.position FROM M ${join} C ON ${condition}${one} ORDER BY M.position, C.position`,
    ),
  );
}

function grouped(rows: unknown[][]): string[] {
  const groups = new Map<unknown, unknown[]>();
  for (const [master, child] of rows) {
    const group = groups.get(master) ?? [];
    if (child !== null) group.push(`C${child}`);
    groups.set(master, group);
  }
  return [...groups].map(([master, group]) => `M${master}[${group.join(' ')}]`);
}

function shown(given: Expected[]): string[] {
  return given.map((one) => {
    if ('unmatched' in one) return `unmatched ${one.id}`;
    const call = one.call[0] as Shown;
    return call.id + call.groups.map((group) => `[${group.map(({ id }) => id).join(' ')}]`).join('');
  });
}

function randomStream(random: Random, name: string): Element[] {
  const step = random.pick([1, 2, 4]);
  let k = random.int(4);
  let j = random.int(4);
  return Array.from({ length: random.int(9) }, (_, i) => {
    k += random.int(step + 1);
    j += random.int(step + 1);
    return { id: `${name}${i}`, k, j, a: random.pick([1, 2, null]) };
  });
}

function edgeTo(child: TestNode, kind: TestEdge['kind'], match: TestMatch, more: Partial<TestEdge> = {}): TestEdge {
  return { kind, match, left: 'k', right: 'k', on: [], unmatched: false, child, ...more };
}

const node = (name: string, edges: TestEdge[] = []): TestNode => ({ name, order: { policy: 'fail' }, edges });

describe('joins equal those of an SQL engine', () => {
  let database: Database;
  beforeAll(async () => {
    database = new (await initSqlJs()).Database();
  });
  afterAll(() => database.close());

  /** Compares the lane with SQL on random small tables. */
  function compare(root: TestNode, names: string[], sql: () => string[]): void {
    let results = 0;
    const count = Math.min(cases(20), 5000);
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      const random = new Random(seed);
      const data: Data = Object.fromEntries(names.map((name) => [name, randomStream(random, name)]));
      fillTables(database, root, data);
      const given = shown(run(root, data, random, { keep: 0 }).given);
      const want = sql();
      results += want.length;
      if (given.join() !== want.join()) {
        throw new Error(`${JSON.stringify({ root, data, given, want })}\nTo see it again: ${repeatBy(seed)} spec/sql`);
      }
    }
    if (count >= 20) expect(results).toBeGreaterThan(0);
  }

  describe.each(matches)('%s', (_, match, condition, order) => {
    test.each(kinds)('%s', (kind) => {
      compare(node('M', [edgeTo(node('C'), kind, match)]), ['M', 'C'], () => select(database, kind, condition, order));
    });

    test.each(kinds)('%s, on', (kind) => {
      const root = node('M', [edgeTo(node('C'), kind, match, { on: [['a', 'a']] })]);
      compare(root, ['M', 'C'], () => select(database, kind, `${condition} AND C.a = M.a`, order));
    });

    test.each(kinds)('%s, by the condition that a plan shows', (kind) => {
      const root = node('M', [edgeTo(node('C'), kind, match)]);
      const stated = laneSpec(root).spec.nodes[0]?.edges[0]?.matching.toSql('M.k', 'C.k') as string;
      compare(root, ['M', 'C'], () => select(database, kind, stated, order));
    });
  });

  test.each(matches.filter(([, { type }]) => type !== 'asOf'))('%s, unmatched', (_, match, condition) => {
    const root = node('M', [edgeTo(node('C'), 'left', match, { unmatched: true })]);
    const unmatched = `SELECT position FROM C WHERE NOT EXISTS (SELECT * FROM M WHERE ${condition}) ORDER BY position`;
    compare(root, ['M', 'C'], () => {
      const calls = select(database, 'left', condition, undefined);
      return placeUnmatched(
        calls,
        rowsOf(database, unmatched).map(([position]) => Number(position)),
      );
    });

    /** Inserts unmatched children just before the first master element that leaves them behind. */
    function placeUnmatched(calls: string[], children: number[]): string[] {
      const low = match.type === 'within' ? match.low : 0;
      const keys = rowsOf(database, 'SELECT k FROM M ORDER BY position').map(([k]) => Number(k));
      const childKeys = rowsOf(database, 'SELECT k FROM C ORDER BY position').map(([k]) => Number(k));
      const slots = Array.from({ length: keys.length + 1 }, () => [] as string[]);
      for (const child of children) {
        const at = keys.findIndex((k) => k + low > (childKeys[child] as number));
        slots[at < 0 ? keys.length : at]?.push(`unmatched C${child}`);
      }
      return slots.flatMap((slot, i) => [...slot, ...(i < calls.length ? [calls[i] as string] : [])]);
    }
  });

  test('nested inner joins', () => {
    const root = node('M', [
      edgeTo(node('C', [edgeTo(node('D'), 'inner', { type: 'equal' }, { left: 'j' })]), 'inner', { type: 'equal' }),
    ]);
    compare(root, ['M', 'C', 'D'], () =>
      grouped(
        rowsOf(
          database,
          'SELECT DISTINCT M.position, C.position FROM M JOIN C ON C.k = M.k JOIN D ON D.k = C.j ORDER BY M.position, C.position',
        ),
      ),
    );
  });

  test('an as-of edge to a subtree, left', () => {
    const root = node('M', [
      edgeTo(node('C', [edgeTo(node('D'), 'semi', { type: 'equal' }, { left: 'j' })]), 'left', asOf('backward')),
    ]);
    const survivors = 'C.k <= M.k AND EXISTS (SELECT * FROM D WHERE D.k = C.j)';
    compare(root, ['M', 'C', 'D'], () => select(database, 'left', survivors, 'C.k DESC, C.position DESC'));
  });

  test('several edges of different kinds', () => {
    const root = node('M', [
      edgeTo(node('C'), 'left', { type: 'within', low: -1, high: 1 }),
      edgeTo(node('D'), 'anti', { type: 'equal' }),
      edgeTo(node('E'), 'semi', asOf('forward', 3)),
    ]);
    compare(root, ['M', 'C', 'D', 'E'], () =>
      grouped(
        rowsOf(
          database,
          `SELECT M.position, C.position FROM M LEFT JOIN C ON C.k BETWEEN M.k - 1 AND M.k + 1
           WHERE NOT EXISTS (SELECT * FROM D WHERE D.k = M.k)
           AND EXISTS (SELECT * FROM E WHERE E.k BETWEEN M.k AND M.k + 3)
           ORDER BY M.position, C.position`,
        ),
      ),
    );
  });
});
