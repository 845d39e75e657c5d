import { TreeLane } from '../../lib/mill/lane/tree/tree-lane.js';
import type { LaneVector, NodeVector, ValuesVector } from '../../lib/mill/resume/lane-vector.js';
import { type CaseLimits, randomCase } from '../oracle/random-case.js';
import { cases } from '../support/cases.js';
import { checkCase } from './check-case.js';
import { Difference } from './difference.js';

type Change = (vector: LaneVector) => LaneVector;

const ofNodes =
  (change: (node: NodeVector) => NodeVector): Change =>
  (vector) => ({ ...vector, nodes: vector.nodes.map(change) });

const ofValues =
  (change: (values: ValuesVector) => ValuesVector): Change =>
  (vector) => {
    const { values, ...done } = vector.done;
    return { ...vector, done: { ...done, ...(values && { values: change(values) }) } };
  };

const leaveOut: Record<string, Change> = {
  from: ofNodes((node) => ({ ...node, from: 0 })),
  'from, by one': ofNodes((node) => ({ ...node, from: node.from + 1 })),
  high: ofNodes((node) => ({ ...node, high: [] })),
  after: ofNodes(({ after, ...node }) => node),
  seen: ofNodes(({ seen, ...node }) => node),
  seenPlace: ofNodes(({ seenPlace, ...node }) => node),
  'done.cursor': (vector) => ({
    ...vector,
    done: { ...vector.done, cursor: [[{ bound: -1 }, -1], -1, [{ bound: -1 }, -1]] },
  }),
  'done.window': (vector) => ({ ...vector, done: { ...vector.done, window: [{ bound: -1 }, -1] } }),
  over: ({ over, ...vector }) => vector,
  'values.upTo': ofValues((values) => ({ ...values, upTo: -1 })),
  'values.starts': ofValues((values) => ({ ...values, starts: [] })),
  'values.phases': ofValues(({ phases, ...values }) => values),
};

const whole = { by: 0, folded: 0 };
const singleWindows: CaseLimits = { maxNodes: 1, policies: false, windows: 1, ...whole };
const singleSlack: CaseLimits = { maxNodes: 1, orders: ['slack'], windows: 0.8, length: 14, ...whole };
const byValue: CaseLimits = { maxNodes: 1, policies: false, windows: 1, by: 1, length: 14 };
const ordered: CaseLimits = { ...byValue, windowTypes: ['hopping', 'sliding', 'session', 'expression'] };
const counted: CaseLimits = { ...byValue, windowTypes: ['count', 'batch'] };
const flat: CaseLimits = { depth: 1, policies: false, unmatched: 0, on: 0, windows: 0 };
const disordered = { disorder: true };

/** The fields that matter: the machine, the field, trees in which it does. */
const needed: [machine: string, field: string, limits: CaseLimits][] = [
  ['one stream', 'from', { ...singleWindows, ...disordered }],
  ['one stream', 'from, by one', singleWindows],
  // Only between windows: an open one is read again from its first element, whose own key is equivalent.
  ['one stream', 'high', { ...singleWindows, ...disordered, windowTypes: ['hopping'], length: 14 }],
  ['one stream', 'done.window', singleWindows],
  ['one stream under slack', 'from, by one', singleSlack],
  ['one stream under slack', 'after', singleSlack],
  ['one stream under slack', 'seen', singleSlack],
  ['one stream under slack', 'done.window', singleSlack],
  ['one stream by value', 'from', { ...ordered, ...disordered }],
  ['one stream by value', 'from, by one', ordered],
  ['one stream by value', 'done.window', ordered],
  ['one stream, counting by value', 'from, by one', counted],
  ['one stream, counting by value', 'values.upTo', counted],
  ['one stream, counting by value', 'values.starts', counted],
  ['one stream, counting by value', 'values.phases', counted],
  ['flat', 'from', flat],
  ['flat', 'from, by one', flat],
  ['flat', 'high', { ...flat, ...disordered }],
  ['flat', 'done.window', flat],
  ['flat', 'over', { ...flat, ...disordered }],
  ['tree', 'from', {}],
  ['tree', 'from, by one', {}],
  ['tree', 'high', {}],
  ['tree', 'after', { orders: ['slack'] }],
  ['tree', 'seen', { orders: ['skip', 'slack'] }],
  ['tree', 'seenPlace', { orders: ['slack'] }],
  ['tree', 'done.cursor', { unmatched: 1, matches: ['equal', 'within'] }],
  ['tree', 'done.window', { windows: 1 }],
  ['tree', 'over', { windows: 1, kinds: ['inner'], unmatched: 0, maxNodes: 2 }],
  ['tree', 'values.upTo', { windows: 1, by: 1, windowTypes: ['count', 'batch'] }],
  ['tree', 'values.starts', { windows: 1, by: 1, windowTypes: ['count', 'batch'] }],
  ['tree', 'values.phases', { windows: 1, by: 1, windowTypes: ['count'] }],
];

/** Among this many cases there is one that differs. */
const CASES = 600;
/** The number of cases if all are the same. */
const SAME = Math.min(cases(300), CASES);

/**
 * The fields that do not matter: the elements read again were not called yet. A vector has them nevertheless, so that
 * all have one form.
 */
const idle: [machine: string, field: string, limits: CaseLimits][] = [
  ['one stream', 'done.cursor', singleWindows],
  ['one stream under slack', 'done.cursor', singleSlack],
  // Done elements are at or before `after`, and the highest of the others is read again.
  ['one stream under slack', 'from', singleSlack],
  ['one stream under slack', 'high', singleSlack],
  ['flat', 'done.cursor', flat],
];

describe('a restart needs every field of the vector', () => {
  test.each(needed)('%s: without %s the result differs', (machine, field, limits) => {
    const change = leaveOut[field] as Change;
    const make =
      machine === 'tree' ? (...args: ConstructorParameters<typeof TreeLane>) => new TreeLane(...args) : undefined;
    for (let seed = 1; seed <= CASES; seed++) {
      const one = randomCase(seed, limits);
      checkCase(one, { keep: 0.3, make, successor: make });
      try {
        checkCase(one, { keep: 0.3, change, make, successor: make });
      } catch (error) {
        expect(error).toBeInstanceOf(Difference);
        return;
      }
    }
    throw new Error(`${CASES} cases were the same without ${field}`);
  });
});

describe('a flat machine needs fewer fields', () => {
  test.each(idle)('%s: does not need %s', (_, field, limits) => {
    for (let seed = 1; seed <= SAME; seed++)
      checkCase(randomCase(seed, limits), { keep: 0.3, change: leaveOut[field] });
  });
});

describe('a machine continues the run of another', () => {
  const tree = (...args: ConstructorParameters<typeof TreeLane>) => new TreeLane(...args);

  test.each([
    ['one stream', singleWindows],
    ['one stream under slack', singleSlack],
    ['one stream by value', byValue],
    ['flat', flat],
  ])('%s: the tree machine after the flat one, and vice versa', (_, limits) => {
    for (let seed = 1; seed <= SAME; seed++) {
      checkCase(randomCase(seed, limits), { keep: 0.2, successor: tree });
      checkCase(randomCase(seed, limits), { keep: 0.2, make: tree });
    }
  });
});
