import { field } from '../../lib/expressions/field.js';
import { joinStreams } from '../../lib/joins/join-streams.js';
import { joinWith } from '../../lib/joins/join-with.js';
import type { Source } from '../../lib/joins/source-args.js';
import { WindowBounds } from '../../lib/joins/window-bounds.js';
import { batchWindow } from '../../lib/joins/windows/batch-window.js';
import { countWindow } from '../../lib/joins/windows/count-window.js';
import { window } from '../../lib/joins/windows/expression-window.js';
import { hoppingWindow, tumblingWindow } from '../../lib/joins/windows/hopping-window.js';
import { sessionWindow } from '../../lib/joins/windows/session-window.js';
import { slidingWindow } from '../../lib/joins/windows/sliding-window.js';
import { alias } from '../../lib/messages/alias.js';
import { BadMessage } from '../../lib/messages/bad-message.js';
import { explain } from '../../lib/mill/plan/explain.js';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { processFunction } from '../../lib/mill/process/process-function.js';
import { broker, brokerOf, Clock, Item, Location, Note, nested, Speed, selfJoin, Weather } from './model.js';

const time = field(Item, 'time');
const byTime = { left: time, right: field(Weather, 'time') };

/** The lines of a plan's explanation that begin with one of these words. */
function lines(source: Source, ...beginnings: string[]): string[] {
  const text = explain(makePlan({ process: processFunction(source, {}, () => {}), broker }));
  const all = text.split('\n').map((line) => line.trim());
  return all.filter((line) => beginnings.some((word) => line.startsWith(word)));
}

describe('explain', () => {
  it('tells a two-way join', () => {
    const process = processFunction(selfJoin, { inject: [Clock], emits: [Speed] }, () => undefined);
    expect(explain(makePlan({ process, broker }))).toMatchInlineSnapshot(`
"Process: the process function
  parameter 1: Location, the master element
  parameter 2: Joined<Location, NextLocation>, the groups of edge 1
  parameter 3: Clock, from the container, resolved once
  a call that throws: fails the run

Streams:
  Location, the master: locations.json
    out of order: fails the run
    unreadable: fails the run
  NextLocation: locations.json
    out of order: fails the run
    unreadable: fails the run

Edges:
  edge 1: Location to NextLocation, inner: Location.time + 10 = NextLocation.time
    SQL: JOIN NextLocation ON NextLocation.time = Location.time + 10
    waiting: Location waits for NextLocation until NextLocation has a key that is too high to match, or NextLocation ends; NextLocation is read no further than that
    in memory: the NextLocation elements that match the Location in work, until Location keys leave them behind

Results:
  Speed: speed.json

Reproducible: the results do not depend on timing.
Fingerprint: 7d0ab480e16b3e40
"
`);
  });

  it('tells a nested tree under a window', () => {
    const tree = { ...nested, window: window(Location, field(Location, 'time').floorDiv(30)).description };
    const process = processFunction(tree as typeof nested, { inject: [WindowBounds] }, () => {});
    expect(explain(makePlan({ process, broker }))).toMatchInlineSnapshot(`
"Process: the process function
  parameter 1: Location[], the elements of the window
  parameter 2: Joined<Location, NextLocation>, the groups of edge 1
  parameter 3: Joined<NextLocation, Item>, the groups of edge 2
  parameter 4: Joined<Location, Weather>, the groups of edge 3
  parameter 5: WindowBounds, with each call
  a call that throws: fails the run

Streams:
  Location, the master: locations.json
    out of order: fails the run
    unreadable: fails the run
  NextLocation: locations.json
    out of order: fails the run
    unreadable: fails the run
  Item: items.json
    out of order: fails the run
    unreadable: fails the run
  Weather: weather.json
    out of order: fails the run
    unreadable: fails the run

Edges:
  edge 1: Location to NextLocation, inner: Location.time = NextLocation.time
    SQL: JOIN NextLocation ON NextLocation.time = Location.time
    waiting: Location waits for NextLocation until NextLocation has a key that is too high to match, or NextLocation ends; NextLocation is read no further than that
    in memory: the NextLocation elements that match the Location in work, until Location keys leave them behind, each with the groups below it; groups of the open window, until it closes
  edge 2: NextLocation to Item, inner: NextLocation.time = Item.time
    SQL: JOIN Item ON Item.time = NextLocation.time
    waiting: NextLocation waits for Item until Item has a key that is too high to match, or Item ends; Item is read no further than that
    in memory: the Item elements that match the NextLocation in work, until NextLocation keys leave them behind; groups of the open window, until it closes
  edge 3: Location to Weather, left: Location.time - 5 <= Weather.time <= Location.time + 5
    SQL: LEFT JOIN Weather ON Weather.time BETWEEN Location.time - 5 AND Location.time + 5
    waiting: Location waits for Weather until Weather has a key that is too high to match, which proves absence as well, or Weather ends; Weather is read no further than that
    in memory: the Weather elements inside the band of the Location in work, until Location keys leave them behind; groups of the open window, until it closes

Window on Location: adjacent elements with equal Location.time // 30; closes when another key comes

Results:
  none, side effects only

Reproducible: the results do not depend on timing.
Fingerprint: c243941334f9f00c
"
`);
  });

  it('tells policies, unmatched methods and uses of the clock', () => {
    const Late = alias(Item, 'LateItem');
    const slow = brokerOf(
      [
        [Item, 'items.json'],
        [Weather, 'weather.json'],
        [Note, 'notes.json'],
        [Late, 'late.json'],
        [BadMessage, 'bad.json'],
      ],
      { timeouts: { dataTimeoutMs: 1000, pollTimeoutMs: 50 } },
    );
    const tree = joinStreams(window(Item, time, { onTimeout: () => 0 }), joinWith(Weather, byTime));
    const process = processFunction(
      tree,
      { emits: [Note], onError: { deadLetter: BadMessage }, unmatched: [[Weather, () => null]] },
      () => null,
    );
    // biome-ignore lint/suspicious/noThenProperty: the name of the option
    const idle = { afterMs: 200, then: 'end' } as const;
    const inputs = [
      [Item, { order: { slack: 30, late: Late, by: time } }],
      [Weather, { order: 'skip', onBadMessage: 'skip', idle }],
    ] as const;
    expect(explain(makePlan({ process, broker: slow, inputs }))).toMatchInlineSnapshot(`
"Process: the process function
  parameter 1: Item[], the elements of the window
  parameter 2: Joined<Item, Weather>, the groups of edge 1
  Weather in no group: the unmatched function of the process function
  a call that throws: written to bad.json

Streams:
  Item, the master: items.json
    out of order: reordered by Item.time within 30; later ones passed over, counted, written to late.json
    unreadable: fails the run
  Weather: weather.json
    out of order: passed over, counted
    unreadable: passed over, counted
    nothing for 200 ms: end

Edges:
  edge 1: Item to Weather, inner: Item.time = Weather.time
    SQL: JOIN Weather ON Weather.time = Item.time
    waiting: Item waits for Weather until Weather has a key that is too high to match, or Weather ends; Weather is read no further than that
    in memory: the Weather elements that match the Item in work, until Item keys leave them behind; Weather elements in no group, until Item keys leave them behind; groups of the open window, until it closes

Window on Item: adjacent elements with equal Item.time; closes when another key comes, or onTimeout gives one

Results:
  Note: notes.json
  LateItem: late.json
  BadMessage: bad.json

Not reproducible, the clock has a say in 3 places:
  an open window is asked again after 50 ms without elements
  a stream ends after 1000 ms without elements
  Weather ends after 200 ms without elements
Fingerprint: 0ffdfd2f4d85d7e4
"
`);
  });

  it.each<[string, object]>([
    ['left', { kind: 'left' }],
    ['semi', { kind: 'semi' }],
    ['anti', { kind: 'anti' }],
    ['an interval', { within: [-5, 5] }],
    ['an interval with equalities', { within: [-5, 5], on: [[field(Item, 'name'), field(Weather, 'place')]] }],
    ['as-of backward', { asOf: 'backward' }],
    ['as-of backward, left, with a tolerance', { asOf: 'backward', tolerance: 9, kind: 'left' }],
    [
      'as-of backward with equalities',
      { asOf: 'backward', tolerance: 9, on: [[field(Item, 'name'), field(Weather, 'place')]] },
    ],
    ['as-of forward', { asOf: 'forward', tolerance: 9 }],
    ['as-of nearest', { asOf: 'nearest', tolerance: 9 }],
    ['as-of nearest without a tolerance', { asOf: 'nearest' }],
    [
      'as-of nearest with equalities',
      { asOf: 'nearest', tolerance: 9, on: [[field(Item, 'name'), field(Weather, 'place')]] },
    ],
    ['as-of semi', { asOf: 'forward', tolerance: 9, kind: 'semi' }],
  ])('tells an edge that is %s', (_, options) => {
    const tree = joinStreams(Item, joinWith(Weather, { ...byTime, ...options } as typeof byTime));
    expect(lines(tree, 'edge', 'SQL', 'waiting', 'in memory', 'restart')).toMatchSnapshot();
  });

  it.each<[string, Source]>([
    ['by expression', window(Item, time.floorDiv(30))],
    ['tumbling', tumblingWindow(Item, time, { size: 30 })],
    ['hopping', hoppingWindow(Item, time, { size: 30, every: 10, offset: 5 })],
    ['sliding', slidingWindow(Item, time, { size: 30 })],
    ['session', sessionWindow(Item, time, { gap: 5 })],
    ['count', countWindow(Item, { size: 10 })],
    ['count with gaps', countWindow(Item, { size: 10, every: 15 })],
    ['batch', batchWindow(Item, { size: 10, timeoutMs: 50 })],
  ])('tells a window %s', (_, source) => {
    expect(lines(source, 'Window', 'Reproducible', 'Not reproducible', 'a batch')).toMatchSnapshot();
  });
});
