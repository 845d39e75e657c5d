import type { Element, TestEdge, TestMatch, TestNode } from '../oracle/tree.js';
import { Random } from '../support/random.js';
import { checkCase } from './check-case.js';

const pause = 150;

/** In turn: few values, very many at one time, after a pause few again, values that come once, those from before. */
function elements(name: string, burst: number): Element[] {
  const random = new Random(burst);
  const found: Element[] = [];
  let time = 0;
  const add = (count: number, step: number, valueAt: (i: number) => number): void => {
    for (let i = 0; i < count; i++) {
      const a = random.chance(0.03) ? null : valueAt(i);
      found.push({ id: `${name}${found.length}`, t: time, l0: time, r: time, w: time, a, b: i % 2 } as never);
      time += step;
    }
  };
  add(30, 1, (i) => i % 5);
  add(burst, 0, (i) => 100 + i);
  // Masters go on while nothing of the other stream is held.
  if (name === 'M') add(pause, 1, (i) => i % 5);
  else time += pause;
  add(60, 1, (i) => i % 12);
  add(150, 1, (i) => 5000 + i);
  add(40, 1, (i) => 100 + i);
  return found;
}

const one: TestEdge['on'] = [['a', 'a']];
const two: TestEdge['on'] = [...one, ['b', 'b']];

const edges: [name: string, match: TestMatch, on: TestEdge['on']][] = [
  ['as of, a tolerance', { type: 'asOf', direction: 'backward', tolerance: 14 }, one],
  ['as of, any distance, two pairs', { type: 'asOf', direction: 'backward' }, two],
  ['within', { type: 'within', low: -8, high: 2 }, one],
];

test.each(edges)('many values of on, %s: equals the oracle, and so do its restarts', (_, match, on) => {
  const child: TestNode = { name: 'N1', order: { policy: 'fail' }, edges: [] };
  const edge: TestEdge = { kind: 'left', match, left: 'l0', right: 'r', on, unmatched: false, child };
  const root: TestNode = { name: 'N0', order: { policy: 'fail' }, edges: [edge] };
  const data = { N0: elements('M', 60), N1: elements('C', 1150) };
  checkCase({ seed: 2, root, data }, { keep: 0.04, batches: [2, 5] });
});
