import { oracle } from '../oracle/oracle.js';
import { type CaseLimits, randomCase } from '../oracle/random-case.js';
import { firstSeed, shareOfCases } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Difference } from './difference.js';
import { run } from './harness.js';
import { edge, elementOf, equally, master, Script } from './script.js';

describe('a call that is undone', () => {
  test.each<[string, CaseLimits, number]>([
    ['one stream', { maxNodes: 1, policies: false }, 400],
    ['one stream under slack', { maxNodes: 1, orders: ['slack'] }, 400],
    ['flat', { depth: 1, policies: false, unmatched: 0, on: 0, windows: 0 }, 400],
    ['tree', { maxNodes: 4 }, 800],
  ])('%s: comes again after a restart, with everything after it', (_, limits, quick) => {
    const count = shareOfCases(quick, 20);
    let retracted = 0;
    for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
      const one = randomCase(seed, limits);
      const random = new Random(seed);
      const want = oracle(one.root, one.data).calls.map((call) => JSON.stringify(call));
      if (want.length === 0) continue;
      retracted++;
      const retract = 1 + random.int(want.length);
      const vector = run(one.root, one.data, random, { retract }).vectors.at(-1)?.vector;
      const { given } = run(one.root, one.data, random, { vector });
      if (given.map((call) => JSON.stringify(call)).join() !== want.slice(retract - 1).join()) {
        throw new Difference('a call taken back', one, { retract, vector, given, want });
      }
    }
    if (count > 1) expect(retracted).toBeGreaterThan(count / 4);
  });
});

test('a batch by value that is undone comes again unchanged, whatever the clock says before its last element', () => {
  const root = master([], { window: { type: 'batch', size: 2, timeoutMs: 1, by: 'a' } });
  const first = new Script(root);
  first.lane.feed(0, ['M1/x', 'M2/y', 'M3/x'].map(elementOf), 0);
  expect(first.show(first.lane.next())).toBe('(M1/x M3/x)');
  first.lane.retract();
  const again = new Script(root, { vector: JSON.parse(JSON.stringify(first.lane.vector())) });
  const fed = ['M1/x', 'timeout:1', 'M2/y', 'timeout:1', 'M3/x', 'M4/y'];
  expect(fed.flatMap((each) => again.feed(each))).toEqual(['(M1/x M3/x)', '(M2/y M4/y)']);
});

test('a stretch of equal keys by value does the same', () => {
  const root = master([], { window: { type: 'expression', key: 't', by: 'a' } });
  const first = new Script(root, { clock: true });
  const fed = ['M1/x', 'timeout:2', 'M1b/y', 'timeout:2', 'M1c/x', 'timeout:2'];
  expect(fed.filter((each) => each[0] === 'M').flatMap((each) => first.feed(each))).toEqual([]);
  first.lane.timeout(2);
  expect([first.lane.next(), first.lane.next()].map((answer) => first.show(answer))).toEqual([
    '(M1b/y)',
    '(M1/x M1c/x)',
  ]);
  first.lane.retract();
  const again = new Script(root, { clock: true, vector: JSON.parse(JSON.stringify(first.lane.vector())) });
  expect(fed.flatMap((each) => again.feed(each))).toEqual(['(M1/x M1c/x)']);
});

describe('a lane that ended', () => {
  const trees = [
    ['one stream', master()],
    ['flat', master([edge('left', equally)])],
    ['tree', master([edge('left', equally, 'C', { unmatched: true })])],
  ] as const;

  test.each(trees)('%s: by its process function, emits nothing more, also after a restart', (_, root) => {
    const first = new Script(root);
    for (const fed of ['C2', 'M1', 'M2']) if (fed[0] === 'M' || root.edges.length > 0) first.feed(fed);
    first.lane.stop('process');
    expect(first.feed('M3')).toEqual(['done']);
    const vector = JSON.parse(JSON.stringify(first.lane.vector()));
    expect(vector.ended).toBe('process');
    expect(new Script(root, { vector }).feed('M3')).toEqual(['done']);
    const { ended, ...withoutEnd } = vector;
    const third = new Script(root, { vector: withoutEnd });
    if (root.edges.length > 0) third.feed('C.');
    expect(third.feed('M3')).not.toEqual(['done']);
  });

  test.each(trees)('%s: by the end of its master, keeps that reason', (_, root) => {
    const script = new Script(root);
    if (root.edges.length > 0) script.feed('C.');
    expect(script.feed('M.')).toEqual(['done']);
    expect(script.lane.vector().ended).toBe('master');
    script.lane.stop('process');
    expect(script.lane.vector().ended).toBe('master');
  });

  test('reports which node ended it', () => {
    const root = master([edge('left', equally, 'A'), edge('inner', equally, 'C')]);
    const script = new Script(root);
    script.feed('M1');
    script.feed('C.');
    expect(script.lane.next()).toEqual({ what: 'done', because: 2 });
    expect(script.lane.vector().ended).toBe('noMatch');
  });
});
