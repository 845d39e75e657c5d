import { field } from '../../lib/expressions/field.js';
import { joinStreams } from '../../lib/joins/join-streams.js';
import { joinWith } from '../../lib/joins/join-with.js';
import { Joined } from '../../lib/joins/joined.js';
import type { Source } from '../../lib/joins/source-args.js';
import { WindowBounds } from '../../lib/joins/window-bounds.js';
import { window } from '../../lib/joins/windows/expression-window.js';
import { message } from '../../lib/messages/message.js';
import { DataKey } from '../../lib/mill/plan/data-key.js';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { Origin } from '../../lib/mill/plan/origin.js';
import { layoutOf } from '../../lib/mill/process/call-layout.js';
import type { CallRow } from '../../lib/mill/process/call-rows.js';
import { generatedCall } from '../../lib/mill/process/generated-call.js';
import { interpretedCall } from '../../lib/mill/process/interpreted-call.js';
import { processFunction } from '../../lib/mill/process/process-function.js';
import { broker, Clock, Item, Location, NextLocation, nested, selfJoin, semi, Weather } from '../plan/model.js';

const here = (time: number) => message(Location, { time, x: 0 });
const next = (time: number) => message(NextLocation, { time, x: 0 });
const item = (name: string) => message(Item, { time: 0, name });
const weather = (place: string) => message(Weather, { time: 0, place });
const row = (element: object, ...groups: CallRow['groups'] & object): CallRow => ({ element, groups });

describe.each([
  ['generated', generatedCall],
  ['interpreted', interpretedCall],
])('the %s call', (_, makeCall) => {
  /** The arguments that the process function gets for these rows. */
  function argumentsFor(
    source: Source,
    rows: readonly CallRow[],
    inject: readonly any[] = [],
    values: unknown[] = [],
  ): any[] {
    const received: unknown[][] = [];
    const fn = (...args: unknown[]): void => void received.push(args);
    const plan = makePlan({ process: processFunction(source, { inject }, fn as any), broker });
    const call = makeCall(fn, undefined, layoutOf(plan, values))!;
    call({ elements: rows.map(({ element }) => element), rows, start: 0, end: 30 });
    expect(received).toHaveLength(1);
    return received[0]!;
  }

  it('passes the master element', () => {
    const a = item('a');
    expect(argumentsFor(Item, [row(a)])).toEqual([a]);
  });

  it('passes the group of a two-way join in an array of its own', () => {
    const [a, group] = [here(0), [next(10), next(10)]];
    const [master, joined] = argumentsFor(selfJoin, [row(a, group)]);
    expect(master).toBe(a);
    expect(joined).toBeInstanceOf(Joined);
    expect(joined.of(a)).toEqual(group);
    expect(joined.of(a)).not.toBe(group);
    expect(joined.size).toBe(1);
  });

  it('passes one Joined per edge of a nested tree, with an entry for every parent element', () => {
    const a = here(0);
    const [n, m] = [next(0), next(0)];
    const [i, j, k] = [item('i'), item('j'), item('k')];
    const args = argumentsFor(nested, [row(a, [row(n, [i, j]), row(m, [k])], [])]);
    const [, joinedNext, joinedItems, joinedWeather] = args;
    expect(args).toHaveLength(4);
    expect([...joinedNext]).toEqual([[a, [n, m]]]);
    expect([...joinedItems]).toEqual([
      [n, [i, j]],
      [m, [k]],
    ]);
    expect([...joinedWeather]).toEqual([[a, []]]);
  });

  it('counts only the edges that pass groups', () => {
    const tree = joinStreams(
      Location,
      joinWith(Item, { left: field(Location, 'time'), right: field(Item, 'time'), kind: 'anti' }),
      joinWith(Weather, { left: field(Location, 'time'), right: field(Weather, 'time') }),
    );
    const [a, w] = [here(0), weather('w')];
    const args = argumentsFor(tree, [row(a, [w])]);
    expect(args).toHaveLength(2);
    expect(args[1].first(a)).toBe(w);
    expect(argumentsFor(semi, [row(a)])).toEqual([a]);
  });

  it('passes the elements of a window, and one mapping for all of them', () => {
    const source = joinStreams(
      window(Location, field(Location, 'time').floorDiv(30)),
      joinWith(
        joinStreams(NextLocation, joinWith(Item, { left: field(NextLocation, 'time'), right: field(Item, 'time') })),
        { left: field(Location, 'time'), right: field(NextLocation, 'time') },
      ),
    );
    const [a, b, n, i] = [here(0), here(1), next(0), item('i')];
    const [masters, joined, items] = argumentsFor(source, [row(a, [row(n, [i])]), row(b, [])]);
    expect(masters).toEqual([a, b]);
    expect([...joined]).toEqual([
      [a, [n]],
      [b, []],
    ]);
    expect([...items]).toEqual([[n, [i]]]);
  });

  it('passes injected values and the bounds of the window in their places', () => {
    const clock = new Clock();
    const source = window(Location, field(Location, 'time').floorDiv(30));
    const inject = [Clock, WindowBounds, 'units'];
    expect(argumentsFor(source, [row(here(0))], inject, [clock, 'metres'])).toEqual([
      [here(0)],
      clock,
      new WindowBounds(0, 30),
      'metres',
    ]);
  });

  it('passes values of a single call in their places', () => {
    const dataKey = new DataKey('k-1');
    const origin = new Origin('items', '0', 3, 3, undefined, -1);
    const received: unknown[][] = [];
    const fn = (...args: unknown[]): void => void received.push(args);
    const inject = [Origin, Clock, DataKey];
    const plan = makePlan({ process: processFunction(Item, { inject }, fn as any), broker });
    const call = makeCall(fn, undefined, layoutOf(plan, ['clock']))!;
    call({ elements: [item('a')], rows: [], start: undefined, end: undefined }, { dataKey, origin });
    expect(received).toEqual([[item('a'), origin, 'clock', dataKey]]);
  });

  it('makes new mappings for every call', () => {
    const joined: unknown[] = [];
    const fn = (_: Location, next: unknown): void => void joined.push(next);
    const plan = makePlan({ process: processFunction(selfJoin, {}, fn), broker });
    const call = makeCall(fn, undefined, layoutOf(plan, []))!;
    const a = here(0);
    const answer = { elements: [a], rows: [row(a, [next(10)])], start: undefined, end: undefined };
    call(answer);
    call(answer);
    expect(joined[0]).not.toBe(joined[1]);
  });

  it('calls a method on its instance and returns its result', () => {
    const counter = {
      calls: 0,
      count() {
        return ++this.calls;
      },
    };
    const plan = makePlan({ process: processFunction(Item, {}, () => {}), broker });
    const call = makeCall(counter.count, counter, layoutOf(plan, []))!;
    const answer = { elements: [item('a')], rows: [], start: undefined, end: undefined };
    call(answer);
    expect(call(answer)).toBe(2);
  });
});
