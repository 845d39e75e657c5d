import { field } from '../../lib/expressions/field.js';
import { joinStreams as typedJoinStreams } from '../../lib/joins/join-streams.js';
import { joinWith } from '../../lib/joins/join-with.js';
import { window } from '../../lib/joins/windows/expression-window.js';
import { refusal } from '../support/refusal.js';
import { byName, byTime, Flight, Gate, LaterFlight, NextFlight, Weather } from './model.js';

// As JavaScript sees it: what the compiler refuses is tested in spec/types.
const joinStreams = typedJoinStreams as any;
const toWeather = joinWith(Weather, byTime);

describe('a tree', () => {
  test('has a master and its edges, in order, frozen', () => {
    const toNext = joinWith(NextFlight, { left: (f: Flight) => f.time, right: (n) => n.time });
    const tree = joinStreams(Flight, toWeather, toNext);
    expect(tree).toMatchObject({ what: 'tree', master: Flight, window: undefined });
    expect(tree.edges[0]).toBe(toWeather);
    expect(tree.edges[1]).toBe(toNext);
    expect(Object.isFrozen(tree) && Object.isFrozen(tree.edges)).toBe(true);
  });

  test('may be a master alone', () => {
    expect(joinStreams(Flight).edges).toEqual([]);
  });

  test('may have a window as master', () => {
    const minutes = window(Flight, field(Flight, 'time').floorDiv(60));
    const tree = joinStreams(minutes, toWeather);
    expect(tree.master).toBe(Flight);
    expect(tree.window).toBe(minutes.description);
  });

  test('may be nested', () => {
    const inner = joinStreams(Weather, joinWith(Gate, { left: (w: Weather) => w.time, right: (g) => g.time }));
    const tree = joinStreams(Flight, joinWith(inner, byTime));
    expect(tree.edges[0].child).toBe(inner);
  });

  test('may have edges from an array', () => {
    const edges = Array.from({ length: 9 }, () => toWeather);
    expect(joinStreams(Flight, ...edges).edges).toHaveLength(9);
  });

  test('accepts left keys of the base class for an alias as master', () => {
    expect(joinStreams(NextFlight, toWeather).master).toBe(NextFlight);
  });
});

test.each<[what: string, code: string, sentence: string, make: () => unknown]>([
  ['no master', 'WM_TREE', 'the first argument must be the master', () => joinStreams()],
  ['a tree as master', 'WM_TREE', 'not a tree', () => joinStreams(joinStreams(Flight), toWeather)],
  ['an edge as master', 'WM_TREE', 'not an edge', () => joinStreams(toWeather)],
  ['edges in an array', 'WM_TREE', 'argument 2 must be an edge', () => joinStreams(Flight, [toWeather])],
  [
    'an array: the fix',
    'WM_TREE',
    'Spread the array: joinStreams(Master, ...edges)',
    () => joinStreams(Flight, [toWeather]),
  ],
  [
    'a class as edge',
    'WM_TREE',
    'not the class Weather. Wrap it: joinWith(child',
    () => joinStreams(Flight, toWeather, Weather),
  ],
  [
    'a tree as edge',
    'WM_TREE',
    'argument 2 must be an edge, not a tree over Weather. Wrap it',
    () => joinStreams(Flight, joinStreams(Weather)),
  ],
  ['options as edge', 'WM_TREE', 'Make it with joinWith(child, { left, right })', () => joinStreams(Flight, byTime)],
  [
    'a left key of another class',
    'WM_KEY_CLASS',
    'joinStreams(Gate, …), edge to Weather: the left key, Flight.time, reads Flight, but here are elements of Gate',
    () => joinStreams(Gate, toWeather),
  ],
  [
    'a left equality of another class',
    'WM_KEY_CLASS',
    'edge to Weather: on[0]: the left key, Flight.origin, reads Flight',
    () =>
      joinStreams(
        Gate,
        joinWith(Weather, { left: (f: Flight) => f.time, right: byTime.right, on: [[byName.left, byName.right]] }),
      ),
  ],
  [
    'keys of a self-join swapped, which a plain subclass hides from the compiler',
    'WM_KEY_CLASS',
    'the left key, LaterFlight.time + 10, reads LaterFlight, but here are elements of Flight',
    () =>
      joinStreams(
        Flight,
        joinWith(LaterFlight, { left: field(LaterFlight, 'time').plus(10), right: field(Flight, 'time') }),
      ),
  ],
])('is refused: %s', (_, code, sentence, make) => {
  expect(refusal(make)).toEqual({ code, message: expect.stringContaining(sentence) });
});
