import { field } from '../../lib/expressions/field.js';
import { tuple } from '../../lib/expressions/tuple.js';
import { joinStreams } from '../../lib/joins/join-streams.js';
import { joinWith as typedJoinWith } from '../../lib/joins/join-with.js';
import { window } from '../../lib/joins/windows/expression-window.js';
import { refusal } from '../support/refusal.js';
import { byDate, byName, bySeq, byTime, Flight, Gate, NextFlight, Weather } from './model.js';

// As JavaScript sees it: what the compiler refuses is tested in spec/types.
const joinWith = typedJoinWith as any;

describe('an edge', () => {
  test('is an inner join on equal keys by default', () => {
    const edge = joinWith(Weather, byTime);
    expect(edge).toMatchObject({ what: 'join', child: Weather, kind: 'inner', on: [] });
    expect(edge.matching).toMatchObject({ name: 'equal', pick: 'all' });
    expect([edge.left, edge.right]).toEqual([byTime.left, byTime.right]);
    expect(edge.matching.low(5)).toBe(5);
    expect(edge.matching.high(5)).toBe(5);
  });

  test('is frozen, with its equalities', () => {
    const edge = joinWith(Weather, { ...byTime, on: [[byName.left, byName.right]] });
    for (const part of [edge, edge.on, edge.on[0], edge.matching]) expect(Object.isFrozen(part)).toBe(true);
  });

  test('ignores options that are undefined', () => {
    const none = { kind: undefined, on: undefined, within: undefined, asOf: undefined, tolerance: undefined };
    expect(joinWith(Weather, { ...byTime, ...none })).toMatchObject({
      kind: 'inner',
      on: [],
      matching: { name: 'equal' },
    });
  });

  test.each(['inner', 'left', 'semi', 'anti'])('kind %s goes with every way of matching', (kind) => {
    for (const matching of [{}, { within: [0, 1] }, { asOf: 'backward' }, { asOf: 'nearest', tolerance: 1 }]) {
      expect(joinWith(Weather, { ...byTime, ...matching, kind }).kind).toBe(kind);
    }
  });

  test('may be an interval, of numbers, bigints and milliseconds', () => {
    const edge = joinWith(Weather, { ...byTime, within: [-10, 30] });
    expect([edge.matching.low(100), edge.matching.high(100)]).toEqual([90, 130]);
    const bigints = joinWith(Weather, { ...bySeq, within: [-10n, 30n] });
    expect([bigints.matching.low(100n), bigints.matching.high(100n)]).toEqual([90n, 130n]);
    expect(joinWith(Weather, { ...byDate, within: [-1000, 0] }).matching.name).toBe('within');
    expect(joinWith(Weather, { ...byTime, within: [5, 5] }).matching.low(1)).toBe(6);
  });

  test('may be as-of, with and without a tolerance', () => {
    const limited = joinWith(Weather, { ...byTime, asOf: 'backward', tolerance: 10 }).matching;
    expect([limited.pick, limited.low(100), limited.high(100)]).toEqual(['last', 90, 100]);
    const unlimited = joinWith(Weather, { ...byTime, asOf: 'backward' }).matching;
    expect([unlimited.low(100), unlimited.high(100)]).toEqual([Number.NEGATIVE_INFINITY, 100]);
    const infinite = joinWith(Weather, { ...byTime, asOf: 'backward', tolerance: Number.POSITIVE_INFINITY }).matching;
    expect([infinite.low(100), infinite.high(100)]).toEqual([Number.NEGATIVE_INFINITY, 100]);
    expect(joinWith(Weather, { ...byTime, asOf: 'forward', tolerance: 0 }).matching.high(100)).toBe(100);
    expect(joinWith(Weather, { ...byName, asOf: 'backward' }).matching.pick).toBe('last');
  });

  test('accepts `on` with as-of only with a tolerance, which may be infinite', () => {
    const on = [[byName.left, byName.right]];
    for (const tolerance of [5, Number.POSITIVE_INFINITY]) {
      expect(joinWith(Weather, { ...byTime, asOf: 'backward', tolerance, on }).on).toHaveLength(1);
    }
    expect(joinWith(Weather, { ...byTime, asOf: 'backward', on: [] }).on).toHaveLength(0);
  });

  test('accepts functions as keys', () => {
    const edge = joinWith(Weather, {
      left: (f: Flight) => f.time,
      right: (w: Weather) => w.time,
      on: [[(f: Flight) => f.origin, (w: Weather) => w.airport]],
    });
    expect(edge.left.evaluate({ time: 4 })).toBe(4);
    expect(edge.on[0][1].evaluate({ airport: 'a' })).toBe('a');
  });

  test('accepts a key of a base class for its aliases and subclasses', () => {
    const edge = joinWith(NextFlight, { left: field(Flight, 'time'), right: field(Flight, 'time') });
    expect(edge.right.of).toBe(Flight);
  });

  test('accepts `on` without order', () => {
    const parity = field(Flight, 'time').mod(2);
    expect(joinWith(Weather, { ...byTime, on: [[parity, field(Weather, 'time').mod(2)]] }).on).toHaveLength(1);
  });
});

type Refusal = [what: string, code: string, sentence: string, make: () => unknown];

const on = [[byName.left, byName.right]];
const belowLeft = joinStreams(
  Weather,
  joinWith(Gate, { left: (w: Weather) => w.time, right: (g: Gate) => g.time, kind: 'left' }),
);
const deeplyBelowLeft = joinStreams(
  NextFlight,
  joinWith(belowLeft, { left: field(NextFlight, 'time'), right: byTime.right }),
);
const windowed = window(Weather, field(Weather, 'time'));

const refusals: Refusal[] = [
  ['no child', 'WM_JOIN_CHILD', 'must be a message class or a tree', () => joinWith(undefined, byTime)],
  ['an edge as child', 'WM_JOIN_CHILD', 'not an edge', () => joinWith(joinWith(Weather, byTime), byTime)],
  ['a window as child', 'WM_JOIN_CHILD', 'the child is a window over Weather', () => joinWith(windowed, byTime)],
  [
    'a tree with a window as child',
    'WM_JOIN_CHILD',
    'is a window over Weather',
    () => joinWith(joinStreams(windowed), byTime),
  ],
  ['no options', 'WM_JOIN_OPTIONS', 'joinWith(Weather): the options must be an object', () => joinWith(Weather)],
  ['null options', 'WM_JOIN_OPTIONS', 'the options must be an object', () => joinWith(Weather, null)],
  ['a list of options', 'WM_JOIN_OPTIONS', 'the options must be an object', () => joinWith(Weather, [1, 2])],
  [
    'an unknown option',
    'WM_JOIN_OPTIONS',
    'has no option "asof". Did you mean asOf?',
    () => joinWith(Weather, { ...byTime, asof: 'nearest' }),
  ],
  [
    'an unknown kind',
    'WM_JOIN_OPTIONS',
    "kind must be one of 'inner', 'left', 'semi', 'anti', not \"outer\"",
    () => joinWith(Weather, { ...byTime, kind: 'outer' }),
  ],
  [
    'within and asOf',
    'WM_JOIN_OPTIONS',
    'within and asOf are two ways',
    () => joinWith(Weather, { ...byTime, within: [0, 1], asOf: 'nearest' }),
  ],
  [
    'a tolerance alone',
    'WM_JOIN_OPTIONS',
    'a tolerance belongs to asOf',
    () => joinWith(Weather, { ...byTime, tolerance: 1 }),
  ],
  [
    'an edge behind the options',
    'WM_JOIN_OPTIONS',
    'joinWith(Weather): an edge to Flight follows the options. Joins below Weather are part of its tree: ' +
      'joinWith(joinStreams(Weather, joinWith(Flight, …)), …).',
    () => joinWith(Weather, byTime, joinWith(Flight, { left: field(Weather, 'at'), right: field(Flight, 'departs') })),
  ],
  [
    'anything else behind the options',
    'WM_JOIN_OPTIONS',
    'joinWith(Weather): the options are the last argument, and "left" follows them. Put all options into one object: there ' +
      'are left, right, kind, within, asOf, tolerance and on.',
    () => joinWith(Weather, byTime, 'left'),
  ],
  ['one end', 'WM_JOIN_OPTIONS', 'within must be [low, high]', () => joinWith(Weather, { ...byTime, within: [0] })],
  ['no list', 'WM_JOIN_OPTIONS', 'within must be [low, high]', () => joinWith(Weather, { ...byTime, within: 5 })],
  ['NaN as an end', 'WM_JOIN_OPTIONS', 'not [NaN, 1]', () => joinWith(Weather, { ...byTime, within: [Number.NaN, 1] })],
  [
    'an endless interval',
    'WM_JOIN_OPTIONS',
    'two finite numbers',
    () => joinWith(Weather, { ...byTime, within: [0, Number.POSITIVE_INFINITY] }),
  ],
  ['ends of two types', 'WM_JOIN_OPTIONS', 'not [0, 1n]', () => joinWith(Weather, { ...byTime, within: [0, 1n] })],
  [
    'low above high',
    'WM_JOIN_OPTIONS',
    'within [5, -5] is empty: low is above high. Write [-5, 5]',
    () => joinWith(Weather, { ...byTime, within: [5, -5] }),
  ],
  [
    'an unknown direction',
    'WM_JOIN_OPTIONS',
    "asOf must be 'backward', 'forward' or 'nearest', not \"before\"",
    () => joinWith(Weather, { ...byTime, asOf: 'before' }),
  ],
  [
    'a negative tolerance',
    'WM_JOIN_OPTIONS',
    'a distance of zero or more, or Infinity for any, not -1',
    () => joinWith(Weather, { ...byTime, asOf: 'nearest', tolerance: -1 }),
  ],
  [
    'a tolerance that is NaN',
    'WM_JOIN_OPTIONS',
    'not NaN',
    () => joinWith(Weather, { ...byTime, asOf: 'nearest', tolerance: Number.NaN }),
  ],
  [
    'one equality that is no pair',
    'WM_JOIN_OPTIONS',
    'on must be a list of pairs',
    () => joinWith(Weather, { ...byTime, on: [byName.left, byName.right] }),
  ],
  [
    'as-of with on without tolerance',
    'WM_AS_OF_TOLERANCE',
    'asOf with on needs a tolerance',
    () => joinWith(Weather, { ...byTime, asOf: 'backward', on }),
  ],
  [
    'a left edge below semi',
    'WM_JOIN_LEFT_BELOW',
    'below this semi edge is a left edge to Gate',
    () => joinWith(belowLeft, { ...byTime, kind: 'semi' }),
  ],
  [
    'a left edge deeply below anti',
    'WM_JOIN_LEFT_BELOW',
    'below this anti edge is a left edge to Gate',
    () => joinWith(deeplyBelowLeft, { left: byTime.left, right: byTime.left, kind: 'anti' }),
  ],
  [
    'no left key',
    'WM_KEY',
    'joinWith(Weather): the left key is undefined',
    () => joinWith(Weather, { right: byTime.right }),
  ],
  [
    'a right key that is a name',
    'WM_KEY',
    'the right key is the string "time"',
    () => joinWith(Weather, { left: byTime.left, right: 'time' }),
  ],
  [
    'an equality without key',
    'WM_KEY',
    'on[0]: the right key is null',
    () => joinWith(Weather, { ...byTime, on: [[byName.left, null]] }),
  ],
  [
    'a left key that falls',
    'WM_KEY_ORDER',
    'joinWith(Weather): the left key, Flight.time * -1, does not keep order',
    () => joinWith(Weather, { ...byTime, left: byTime.left.times(-1) }),
  ],
  [
    'a right key that starts again',
    'WM_KEY_ORDER',
    'the right key, Weather.time % 7, does not keep order',
    () => joinWith(Weather, { ...byTime, right: byTime.right.mod(7) }),
  ],
  [
    'a tuple that starts with such a key',
    'WM_KEY_ORDER',
    "the tuple's first component",
    () => joinWith(Weather, { left: tuple(byTime.left.mod(7), byTime.left), right: tuple(byTime.right, byTime.right) }),
  ],
  [
    'a right key of the parent',
    'WM_KEY_CLASS',
    'the right key, Flight.time, reads Flight, but here are elements of Weather',
    () => joinWith(Weather, { ...byTime, right: byTime.left }),
  ],
  [
    'an equality of the parent on the right',
    'WM_KEY_CLASS',
    'on[0]: the right key, Flight.origin, reads Flight',
    () => joinWith(Weather, { ...byTime, on: [[byName.left, byName.left]] }),
  ],
  [
    'keys of two types',
    'WM_KEY_TYPE',
    'the left key Flight.time is a number, the right key Weather.airport is a string',
    () => joinWith(Weather, { left: byTime.left, right: byName.right }),
  ],
  [
    'tuples of other lengths',
    'WM_KEY_TYPE',
    'is a tuple (number, string), the right key (Weather.time) is a tuple (number)',
    () => joinWith(Weather, { left: tuple(byTime.left, byName.left), right: tuple(byTime.right) }),
  ],
  [
    'tuples of other types',
    'WM_KEY_TYPE',
    'is a tuple (number, bigint)',
    () => joinWith(Weather, { left: tuple(byTime.left, byName.left), right: tuple(byTime.right, bySeq.right) }),
  ],
  [
    'equalities of two types',
    'WM_KEY_TYPE',
    'on[1]: the left key Flight.time is a number',
    () => joinWith(Weather, { ...byTime, on: [on[0], [byTime.left, byName.right]] }),
  ],
  [
    'an object as key',
    'WM_KEY_TYPE',
    'the left key, Flight.place, is an object or an array',
    () => joinWith(Weather, { ...byTime, left: field(Flight, 'place') }),
  ],
  [
    'an interval of strings',
    'WM_KEY_DISTANCE',
    'joinWith(Weather): within needs keys between which there is a distance; Flight.origin is a string',
    () => joinWith(Weather, { ...byName, within: [0, 1] }),
  ],
  [
    'the nearest of strings',
    'WM_KEY_DISTANCE',
    "asOf 'nearest' needs keys",
    () => joinWith(Weather, { ...byName, asOf: 'nearest' }),
  ],
  [
    'the nearest of booleans',
    'WM_KEY_DISTANCE',
    'Flight.delayed is a boolean',
    () => joinWith(Weather, { left: field(Flight, 'delayed'), right: field(Weather, 'clear'), asOf: 'nearest' }),
  ],
  [
    'a tolerance of tuples',
    'WM_KEY_DISTANCE',
    'the tolerance needs keys',
    () => joinWith(Weather, { left: tuple(byTime.left), right: tuple(byTime.right), asOf: 'backward', tolerance: 1 }),
  ],
  [
    'a number interval of bigints',
    'WM_KEY_DISTANCE',
    'distances between values of Flight.seq are bigints, but 0 is a number. Write 0n.',
    () => joinWith(Weather, { ...bySeq, within: [0, 1] }),
  ],
  [
    'a bigint tolerance of numbers',
    'WM_KEY_DISTANCE',
    'are numbers, but 5n is a bigint. Write 5.',
    () => joinWith(Weather, { ...byTime, asOf: 'nearest', tolerance: 5n }),
  ],
  [
    'a distance, seen from the right key',
    'WM_KEY_DISTANCE',
    'Weather.airport is a string',
    () => joinWith(Weather, { left: (f: Flight) => f.origin, right: byName.right, within: [0, 1] }),
  ],
];

test.each(refusals)('is refused: %s', (_, code, sentence, make) => {
  expect(refusal(make)).toEqual({ code, message: expect.stringContaining(sentence) });
});
