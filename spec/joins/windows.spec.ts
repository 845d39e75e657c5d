import { field } from '../../lib/expressions/field.js';
import { foldWindow as typedFold } from '../../lib/joins/fold-window.js';
import { batchWindow as typedBatch } from '../../lib/joins/windows/batch-window.js';
import { calendarWindow as typedCalendar } from '../../lib/joins/windows/calendar-window.js';
import { countWindow as typedCount } from '../../lib/joins/windows/count-window.js';
import { window as typedWindow } from '../../lib/joins/windows/expression-window.js';
import {
  hoppingWindow as typedHopping,
  tumblingWindow as typedTumbling,
} from '../../lib/joins/windows/hopping-window.js';
import { sessionWindow as typedSession } from '../../lib/joins/windows/session-window.js';
import { slidingWindow as typedSliding } from '../../lib/joins/windows/sliding-window.js';
import { refusal } from '../support/refusal.js';
import { Flight, Weather } from './model.js';

// As JavaScript sees them: what the compiler refuses is tested in spec/types.
const window = typedWindow as any;
const tumblingWindow = typedTumbling as any;
const hoppingWindow = typedHopping as any;
const slidingWindow = typedSliding as any;
const sessionWindow = typedSession as any;
const countWindow = typedCount as any;
const batchWindow = typedBatch as any;
const calendarWindow = typedCalendar as any;
const foldWindow = typedFold as any;

const time = field(Flight, 'time');
const seq = field(Flight, 'seq');
const departs = field(Flight, 'departs');
const origin = field(Flight, 'origin');
const onTimeout = () => 1;

test.each<[what: string, window: any, description: object]>([
  ['an expression window', window(Flight, time), { type: 'expression', key: time, onTimeout: undefined }],
  ['one with onTimeout', window(Flight, time, { onTimeout }), { type: 'expression', key: time, onTimeout }],
  ['one by strings', window(Flight, origin), { type: 'expression', key: origin }],
  [
    'tumbling',
    tumblingWindow(Flight, time, { size: 60 }),
    { type: 'hopping', key: time, size: 60, every: 60, offset: 0 },
  ],
  ['tumbling with offset', tumblingWindow(Flight, time, { size: 60, offset: -5 }), { every: 60, offset: -5 }],
  ['tumbling over bigints', tumblingWindow(Flight, seq, { size: 60n }), { size: 60n, every: 60n, offset: 0n }],
  ['tumbling over Dates', tumblingWindow(Flight, departs, { size: 60 }), { key: departs, size: 60, offset: 0 }],
  [
    'hopping',
    hoppingWindow(Flight, time, { size: 60, every: 10 }),
    { type: 'hopping', size: 60, every: 10, offset: 0 },
  ],
  [
    'hopping with gaps',
    hoppingWindow(Flight, time, { size: 10, every: 60, offset: 3 }),
    { size: 10, every: 60, offset: 3 },
  ],
  ['sliding', slidingWindow(Flight, departs, { size: 0.5 }), { type: 'sliding', key: departs, size: 0.5 }],
  ['session', sessionWindow(Flight, seq, { gap: 5n }), { type: 'session', key: seq, gap: 5n }],
  ['count', countWindow(Flight, { size: 10 }), { type: 'count', size: 10, every: 10 }],
  ['count, overlapping', countWindow(Flight, { size: 10, every: 5 }), { type: 'count', size: 10, every: 5 }],
  ['session by value', sessionWindow(Flight, seq, { gap: 5n, by: origin }), { type: 'session', by: origin }],
  ['hopping by value', hoppingWindow(Flight, time, { size: 6, every: 1, by: origin }), { every: 1, by: origin }],
  ['sliding by value', slidingWindow(Flight, time, { size: 6, by: origin }), { type: 'sliding', by: origin }],
  ['an expression window by value', window(Flight, time, { by: origin }), { type: 'expression', by: origin }],
  ['count by value', countWindow(Flight, { size: 10, by: origin }), { type: 'count', by: origin }],
  ['batch by value', batchWindow(Flight, { size: 10, timeoutMs: 100, by: origin }), { type: 'batch', by: origin }],
  ['batch', batchWindow(Flight, { size: 10, timeoutMs: 100 }), { type: 'batch', size: 10, timeoutMs: 100 }],
])('%s', (_, made, description) => {
  expect(made).toMatchObject({ what: 'window', master: Flight, description });
  expect(Object.isFrozen(made) && Object.isFrozen(made.description)).toBe(true);
});

test('an expression window accepts a key without order', () => {
  expect(String(window(Flight, time.mod(7)).description.key)).toBe('Flight.time % 7');
});

test('a function is accepted as a key', () => {
  expect(tumblingWindow(Flight, (f: Flight) => f.time, { size: 1 }).description.key.evaluate({ time: 4 })).toBe(4);
});

test.each<[what: string, code: string, sentence: string, make: () => unknown]>([
  [
    'no class',
    'WM_WINDOW',
    'window(): the first argument must be the message class of the master, not undefined',
    () => window(undefined, time),
  ],
  ['no class: a count window', 'WM_WINDOW', 'countWindow(): the first argument', () => countWindow({ size: 1 })],
  ['no key', 'WM_KEY', 'window(Flight): the key is undefined', () => window(Flight)],
  [
    'a key of another class',
    'WM_KEY_CLASS',
    'the key, Weather.time, reads Weather, but here are elements of Flight',
    () => window(Flight, field(Weather, 'time')),
  ],
  [
    'an object as key',
    'WM_KEY_TYPE',
    'the key, Flight.place, is an object',
    () => window(Flight, field(Flight, 'place')),
  ],
  [
    'onTimeout that is no function',
    'WM_WINDOW',
    'onTimeout must be a function that returns a key, not 5',
    () => window(Flight, time, { onTimeout: 5 }),
  ],
  [
    'an unknown option',
    'WM_WINDOW',
    'has no option "timeout". Did you mean onTimeout?',
    () => window(Flight, time, { timeout: 5 }),
  ],
  ...(
    [
      ['window', (...further) => window(Flight, time, {}, ...further)],
      ['tumblingWindow', (...further) => tumblingWindow(Flight, time, { size: 60 }, ...further)],
      ['hoppingWindow', (...further) => hoppingWindow(Flight, time, { size: 60, every: 10 }, ...further)],
      ['slidingWindow', (...further) => slidingWindow(Flight, time, { size: 60 }, ...further)],
      ['sessionWindow', (...further) => sessionWindow(Flight, time, { gap: 60 }, ...further)],
      ['calendarWindow', (...further) => calendarWindow(Flight, departs, { unit: 'day', zone: 'UTC' }, ...further)],
      ['countWindow', (...further) => countWindow(Flight, { size: 3 }, ...further)],
      ['batchWindow', (...further) => batchWindow(Flight, { size: 3, timeoutMs: 10 }, ...further)],
    ] as [name: string, make: (...further: unknown[]) => unknown][]
  ).map(([name, make]): [string, string, string, () => unknown] => [
    `options of ${name} in two objects`,
    'WM_WINDOW',
    `${name}(Flight): the options are the last argument, and { by: the expression Flight.origin } follows them. Put all`,
    () => make({ by: origin }),
  ]),
  [
    'a key where the options belong',
    'WM_WINDOW',
    'countWindow(Flight): the options must be an object with size, every, by, not the expression Flight.time.',
    () => countWindow(Flight, time, { size: 3 }),
  ],
  [
    'functions of a fold behind each other',
    'WM_WINDOW',
    'foldWindow(Flight): the options must be an object with initial, add, not a function.',
    () =>
      foldWindow(
        window(Flight, time),
        () => 0,
        () => 1,
      ),
  ],
  [
    'an argument behind the functions of a fold',
    'WM_WINDOW',
    'foldWindow(Flight): the options are the last argument, and { by: "x" } follows them.',
    () => foldWindow(window(Flight, time), { initial: () => 0, add: () => 1 }, { by: 'x' }),
  ],
  [
    'no options',
    'WM_WINDOW',
    'tumblingWindow(Flight): the options must be an object',
    () => tumblingWindow(Flight, time),
  ],
  [
    'no size',
    'WM_WINDOW',
    'size must be a finite number or a bigint above zero',
    () => tumblingWindow(Flight, time, {}),
  ],
  ['size 0', 'WM_WINDOW', 'not 0', () => tumblingWindow(Flight, time, { size: 0 })],
  ['bigint size 0', 'WM_WINDOW', 'not 0n', () => tumblingWindow(Flight, seq, { size: 0n })],
  [
    'a negative size',
    'WM_WINDOW',
    'slidingWindow(Flight): size must be',
    () => slidingWindow(Flight, time, { size: -1 }),
  ],
  [
    'an infinite size',
    'WM_WINDOW',
    'not Infinity',
    () => slidingWindow(Flight, time, { size: Number.POSITIVE_INFINITY }),
  ],
  ['a size that is a string', 'WM_WINDOW', 'not "1 hour"', () => tumblingWindow(Flight, time, { size: '1 hour' })],
  [
    'every for tumbling',
    'WM_WINDOW',
    'has no option "every"',
    () => tumblingWindow(Flight, time, { size: 1, every: 1 }),
  ],
  ['no every', 'WM_WINDOW', 'hoppingWindow(Flight): every must be', () => hoppingWindow(Flight, time, { size: 1 })],
  [
    'every of another type',
    'WM_WINDOW',
    'every must be a number like the size, not 1n',
    () => hoppingWindow(Flight, time, { size: 1, every: 1n }),
  ],
  [
    'an offset of another type',
    'WM_WINDOW',
    'offset must be a finite bigint like the size, not 1',
    () => tumblingWindow(Flight, seq, { size: 1n, offset: 1 }),
  ],
  [
    'an offset that is NaN',
    'WM_WINDOW',
    'offset must be a finite number',
    () => tumblingWindow(Flight, time, { size: 1, offset: Number.NaN }),
  ],
  [
    'by a name',
    'WM_KEY',
    'sessionWindow(Flight): by is the string "origin"',
    () => sessionWindow(Flight, time, { gap: 1, by: 'origin' }),
  ],
  [
    'by another class',
    'WM_KEY_CLASS',
    'countWindow(Flight): by, Weather.time, reads Weather',
    () => countWindow(Flight, { size: 1, by: field(Weather, 'time') }),
  ],
  [
    'by an object',
    'WM_KEY_TYPE',
    'window(Flight): by, Flight.place, is an object',
    () => window(Flight, time, { by: field(Flight, 'place') }),
  ],
  ['no gap', 'WM_WINDOW', 'sessionWindow(Flight): gap must be', () => sessionWindow(Flight, time, {})],
  [
    'a count of 0',
    'WM_WINDOW',
    'size must be a whole number of elements, one or more, not 0',
    () => countWindow(Flight, { size: 0 }),
  ],
  ['half a count', 'WM_WINDOW', 'not 1.5', () => countWindow(Flight, { size: 1.5 })],
  ['every 0', 'WM_WINDOW', 'every must be a whole number', () => countWindow(Flight, { size: 1, every: 0 })],
  [
    'a batch without time',
    'WM_WINDOW',
    'timeoutMs must be a number of milliseconds above zero, not undefined',
    () => batchWindow(Flight, { size: 1 }),
  ],
  ['a batch of no time', 'WM_WINDOW', 'timeoutMs must be', () => batchWindow(Flight, { size: 1, timeoutMs: 0 })],
  [
    'a batch of none',
    'WM_WINDOW',
    'batchWindow(Flight): size must be',
    () => batchWindow(Flight, { size: 0, timeoutMs: 1 }),
  ],
  [
    'a key that falls',
    'WM_KEY_ORDER',
    'the key, Flight.time * -1, does not keep order',
    () => tumblingWindow(Flight, time.times(-1), { size: 1 }),
  ],
  [
    'a session that starts again',
    'WM_KEY_ORDER',
    'the key, Flight.time % 7',
    () => sessionWindow(Flight, time.mod(7), { gap: 1 }),
  ],
  [
    'tumbling over strings',
    'WM_KEY_DISTANCE',
    'tumblingWindow(Flight) needs keys between which there is a distance; Flight.origin is a string',
    () => tumblingWindow(Flight, origin, { size: 1 }),
  ],
  [
    'a number size over bigints',
    'WM_KEY_DISTANCE',
    'distances between values of Flight.seq are bigints, but 60 is a number. Write 60n.',
    () => slidingWindow(Flight, seq, { size: 60 }),
  ],
  ['a bigint size over Dates', 'WM_KEY_DISTANCE', 'Write 60.', () => sessionWindow(Flight, departs, { gap: 60n })],
])('is refused: %s', (_, code, sentence, make) => {
  expect(refusal(make)).toEqual({ code, message: expect.stringContaining(sentence) });
});
