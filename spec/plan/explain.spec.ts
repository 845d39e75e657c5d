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
import { explain } from '../../lib/mill/plan/explain/explain.js';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { processFunction } from '../../lib/mill/process/process-function.js';
import { broker, brokerOf, Clock, Item, Location, Note, nested, Speed, selfJoin, Weather } from './model.js';

const time = field(Item, 'time');
const byPlace = [[field(Item, 'name'), field(Weather, 'place')]];
const byTime = { left: time, right: field(Weather, 'time') };

/** Returns the lines of a plan's explanation that begin with one of these words. */
function lines(source: Source, ...beginnings: string[]): string[] {
  const text = explain(makePlan({ process: processFunction(source, {}, () => {}), broker }));
  const all = text.split('\n').map((line) => line.trim());
  return all.filter((line) => beginnings.some((word) => line.startsWith(word)));
}

describe('explain', () => {
  it('describes a two-way join', () => {
    const process = processFunction(selfJoin, { inject: [Clock], emits: [Speed] }, () => undefined);
    expect(explain(makePlan({ process, broker }))).toMatchInlineSnapshot(`
"Process: the process function
  parameter 1: Location, the master element
  parameter 2: Joined<Location, NextLocation>, the groups of edge 1
  parameter 3: Clock, from the container, resolved once
  called: with each Location, in order, as soon as all its edges are decided
  a call that throws: fails the run

Streams:
  Location, the master: locations.json
    out of order: fails the run
    unreadable: fails the run
    silent: waited for
  NextLocation: locations.json
    out of order: fails the run
    unreadable: fails the run
    silent: waited for

Edges:
  edge 1: Location to NextLocation, inner: Location.time + 10 = NextLocation.time
    SQL: JOIN NextLocation ON NextLocation.time = Location.time + 10
    decided: as soon as NextLocation has a key that is too high to match, or has ended
    in memory: the NextLocation elements with the key of the current Location, and one ahead; until Location keys have passed them

Results:
  Speed: speed.json

Reproducible: the results do not depend on timing.
Fingerprint: 7d0ab480e16b3e40
"
`);
  });

  it('describes a nested tree under a window', () => {
    const tree = { ...nested, window: window(Location, field(Location, 'time').floorDiv(30)).description };
    const process = processFunction(tree as typeof nested, { inject: [WindowBounds] }, () => {});
    expect(explain(makePlan({ process, broker }))).toMatchInlineSnapshot(`
"Process: the process function
  parameter 1: Location[], the elements of the window
  parameter 2: Joined<Location, NextLocation>, the groups of edge 1
  parameter 3: Joined<NextLocation, Item>, the groups of edge 2
  parameter 4: Joined<Location, Weather>, the groups of edge 3
  parameter 5: WindowBounds, with each call
  called: with each window of Location, in order, as soon as it closes
  a call that throws: fails the run

Streams:
  Location, the master: locations.json
    out of order: fails the run
    unreadable: fails the run
    silent: waited for
  NextLocation: locations.json
    out of order: fails the run
    unreadable: fails the run
    silent: waited for
  Item: items.json
    out of order: fails the run
    unreadable: fails the run
    silent: waited for
  Weather: weather.json
    out of order: fails the run
    unreadable: fails the run
    silent: waited for

Edges:
  edge 1: Location to NextLocation, inner: Location.time = NextLocation.time
    SQL: JOIN NextLocation ON NextLocation.time = Location.time
    decided: as soon as NextLocation has a key that is too high to match, or has ended
    in memory: the NextLocation elements with the key of the current Location, and one ahead; until Location keys have passed them, each with the groups below it; groups of the open windows, until they close
  edge 2: NextLocation to Item, inner: NextLocation.time = Item.time
    SQL: JOIN Item ON Item.time = NextLocation.time
    decided: as soon as Item has a key that is too high to match, or has ended
    in memory: the Item elements with the key of the current NextLocation, and one ahead; until NextLocation keys have passed them; groups of the open windows, until they close
  edge 3: Location to Weather, left: Location.time - 5 <= Weather.time <= Location.time + 5
    SQL: LEFT JOIN Weather ON Weather.time BETWEEN Location.time - 5 AND Location.time + 5
    decided: as soon as Weather has a key that is too high to match, or has ended; that proves absence as well
    in memory: the Weather elements inside the band of the current Location, and one ahead; until Location keys have passed them; groups of the open windows, until they close

Window on Location: adjacent elements with equal Location.time // 30; closes when another key comes
  in memory: the elements of the open window; unbounded while Location.time // 30 stays the same, a window by time or count is bounded
  restart: reads from the first element of the oldest open window

Results:
  none, side effects only

Reproducible: the results do not depend on timing.
Fingerprint: c243941334f9f00c
"
`);
  });

  it('describes policies, unmatched methods and uses of the clock', () => {
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
  called: with each window of Item, in order, as soon as it closes
  a call that throws: written to bad.json

Streams:
  Item, the master: items.json
    out of order: reordered by Item.time within 30, and held that long; later ones skipped, counted, written to late.json
    unreadable: fails the run
    silent: waited for
  Weather: weather.json
    out of order: skipped, counted
    unreadable: skipped, counted
    silent: ended after 200 ms

Edges:
  edge 1: Item to Weather, inner: Item.time = Weather.time
    SQL: JOIN Weather ON Weather.time = Item.time
    decided: as soon as Weather has a key that is too high to match, or has ended
    in memory: the Weather elements with the key of the current Item, and one ahead; until Item keys have passed them; Weather elements in no group, until Item keys have passed them; groups of the open windows, until they close

Window on Item: adjacent elements with equal Item.time; closes when another key comes, or onTimeout gives one
  in memory: the elements of the open window; unbounded while Item.time stays the same, a window by time or count is bounded
  restart: reads from the first element of the oldest open window

Results:
  Note: notes.json
  LateItem: late.json
  BadMessage: bad.json

Not reproducible: the clock affects the results in 3 places:
  onTimeout of an open window is called after 50 ms without elements
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
    ['an interval with equalities', { within: [-5, 5], on: byPlace }],
    ['as-of backward', { asOf: 'backward' }],
    ['as-of backward, left, with a tolerance', { asOf: 'backward', tolerance: 9, kind: 'left' }],
    ['as-of backward with equalities', { asOf: 'backward', tolerance: 9, on: byPlace }],
    ['as-of forward', { asOf: 'forward', tolerance: 9 }],
    ['as-of nearest', { asOf: 'nearest', tolerance: 9 }],
    ['as-of nearest without a tolerance', { asOf: 'nearest' }],
    ['as-of nearest with equalities', { asOf: 'nearest', tolerance: 9, on: byPlace }],
    ['as-of semi', { asOf: 'forward', tolerance: 9, kind: 'semi' }],
    ['as-of forward without a tolerance', { asOf: 'forward' }],
    ['as-of forward with equalities', { asOf: 'forward', tolerance: 9, on: byPlace }],
    ['as-of backward with equalities at any distance', { asOf: 'backward', tolerance: Infinity, on: byPlace }],
    ['as-of forward with equalities at any distance', { asOf: 'forward', tolerance: Infinity, on: byPlace }],
    ['as-of nearest with equalities at any distance', { asOf: 'nearest', tolerance: Infinity, on: byPlace }],
  ])('describes an edge that is %s', (_, options) => {
    const tree = joinStreams(Item, joinWith(Weather, { ...byTime, ...options } as typeof byTime));
    expect(lines(tree, 'edge', 'SQL', 'decided', 'in memory', 'restart')).toMatchSnapshot();
  });

  it.each<[string, Source]>([
    ['by expression', window(Item, time.floorDiv(30))],
    ['tumbling', tumblingWindow(Item, time, { size: 30 })],
    ['hopping', hoppingWindow(Item, time, { size: 30, every: 10, offset: 5 })],
    ['sliding', slidingWindow(Item, time, { size: 30 })],
    ['session', sessionWindow(Item, time, { gap: 5 })],
    ['count', countWindow(Item, { size: 10 })],
    ['count that overlaps', countWindow(Item, { size: 10, every: 5 })],
    ['count with gaps', countWindow(Item, { size: 10, every: 15 })],
    ['batch', batchWindow(Item, { size: 10, timeoutMs: 50 })],
  ])('describes a window %s', (_, source) => {
    expect(
      lines(source, 'called', 'Window', 'in memory', 'restart', 'Reproducible', 'Not rep', 'a batch'),
    ).toMatchSnapshot();
  });

  it('shows how far back a restart reads below an as-of edge without a tolerance', () => {
    const below = joinStreams(Weather, joinWith(Item, { left: field(Weather, 'time'), right: time }));
    const tree = joinStreams(
      Location,
      joinWith(below, { left: field(Location, 'time'), right: field(Weather, 'time'), asOf: 'backward' }),
    );
    expect(lines(tree, 'restart')).toEqual([
      'restart: reads Weather, and what is below it, from the oldest element still held; unbounded, a tolerance bounds it',
    ]);
  });

  it('shows the handling of a silent stream', () => {
    const silent = (then: 'wait' | 'end' | 'ignore') => {
      const process = processFunction(joinStreams(Item, joinWith(Weather, byTime)), {}, () => {});
      const plan = makePlan({ process, broker, inputs: [[Weather, { order: 'skip', idle: { afterMs: 200, then } }]] });
      return explain(plan)
        .split('\n')
        .findLast((line) => line.includes('silent'));
    };
    expect(silent('wait')).toBe('    silent: reported after 200 ms, and waited for');
    expect(silent('end')).toBe('    silent: ended after 200 ms');
    expect(silent('ignore')).toBe(
      '    silent: not waited for after 200 ms; calls because of it are counted, and what arrives after them is late',
    );
  });

  it.each(['text', 'mermaid'] as const)('shows invisible characters of a name as escapes, as %s', (format) => {
    const odd = brokerOf([[Item, 'a\n\u001b[2J\u202e.json']]);
    const text = explain(makePlan({ process: processFunction(Item, {}, () => {}), broker: odd }), { format });
    expect(text).toContain('a\\n\\u001b[2J\\u202e.json');
    expect(text).not.toMatch(/[^\P{C}\n]/u);
  });

  it('refuses an unknown format', () => {
    const plan = makePlan({ process: processFunction(Item, {}, () => {}), broker });
    expect(() => explain(plan, { format: 'html' as 'text' })).toThrow("the format is 'text', 'mermaid' or 'svg', not");
  });
});

describe('explain as Mermaid', () => {
  const mermaid = (source: Source, entries = broker) =>
    explain(makePlan({ process: processFunction(source, {}, () => {}), broker: entries }), { format: 'mermaid' });

  it('draws one stream', () => {
    expect(mermaid(Item)).toMatchSnapshot();
  });

  it('draws a nested tree under a window', () => {
    const tree = { ...nested, window: tumblingWindow(Location, field(Location, 'time'), { size: 60 }).description };
    expect(mermaid(tree as typeof nested)).toMatchSnapshot();
  });

  it('draws the outputs of late elements, dead letters and elements in no group', () => {
    const tree = joinStreams(Item, joinWith(Weather, { ...byTime, kind: 'left' }));
    const process = processFunction(
      tree,
      { emits: [Note], onError: { deadLetter: BadMessage }, unmatched: [[Weather, () => null]] },
      () => null,
    );
    const Late = alias(Item, 'LateItem');
    const entries = brokerOf([
      [Item, 'items.json'],
      [Weather, 'weather.json'],
      [Note, 'notes.json'],
      [Late, 'late.json'],
      [BadMessage, 'bad.json'],
    ]);
    const inputs = [
      [Item, { order: { slack: 30, late: Late } }],
      [Weather, { onBadMessage: { deadLetter: BadMessage } }],
    ] as const;
    expect(explain(makePlan({ process, broker: entries, inputs }), { format: 'mermaid' })).toMatchSnapshot();
  });

  it('escapes special characters in a label', () => {
    const odd = brokerOf([[Item, 'a "b" <c> #1 & d.json']]);
    expect(mermaid(Item, odd)).toContain('Item: a #quot;b#quot; #lt;c#gt; #35;1 #amp; d.json');
  });
});
