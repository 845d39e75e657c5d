import {
  calendarWindow,
  Field,
  field,
  foldWindow,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  WaterMill,
  WindowBounds,
} from 'watermill';
import { Random } from '../support/random.js';

@Message()
class Reading {
  @Field() at!: Date;
  @Field() sensor!: string;
  @Field() count!: number;
}

@Message()
class Span {
  @Field() text!: string;
}

type Unit = 'hour' | 'day' | 'week' | 'month';

const at = field(Reading, 'at');
const reading = (time: number | string, sensor = 'a'): Reading =>
  message(Reading, { at: new Date(time), sensor, count: 1 });

/** Returns the windows of a run: borders, and number of elements. */
async function spansOf(unit: Unit, zone: string, times: readonly (number | string)[]): Promise<string[]> {
  const process = processFunction(
    calendarWindow(Reading, at, { unit, zone }),
    { inject: [WindowBounds], emits: [Span] },
    (members, { start, end }) => message(Span, { text: `${short(start)} ${short(end)} ${members.length}` }),
  );
  const broker = new MemoryMessageBroker([[Reading, times.map((time) => reading(time))]]);
  await new WaterMill({ process, broker }).run();
  return broker.written(Span).map(({ text }) => text);
}

function short(date: Date): string {
  return date.toISOString().replace(':00.000Z', 'Z');
}

describe('a calendar window', () => {
  it.each<[what: string, unit: Unit, zone: string, times: string[], expected: string[]]>([
    ['a day of 23 hours', 'day', 'Europe/Berlin', ['2026-03-29T12:00Z'], ['2026-03-28T23:00Z 2026-03-29T22:00Z 1']],
    ['a day of 25 hours', 'day', 'Europe/Berlin', ['2026-10-25T12:00Z'], ['2026-10-24T22:00Z 2026-10-25T23:00Z 1']],
    ['UTC', 'day', 'UTC', ['2026-10-25T12:00Z'], ['2026-10-25T00:00Z 2026-10-26T00:00Z 1']],
    [
      'a day that begins at one, since midnight is skipped',
      'day',
      'America/Sao_Paulo',
      ['2018-11-04T02:59:59.999Z', '2018-11-04T03:00Z'],
      ['2018-11-03T03:00Z 2018-11-04T03:00Z 1', '2018-11-04T03:00Z 2018-11-05T02:00Z 1'],
    ],
    [
      'a clock that is turned back over midnight: the day has begun already',
      'day',
      'America/Goose_Bay',
      ['2010-11-07T02:59Z', '2010-11-07T03:00Z', '2010-11-07T03:30Z'],
      ['2010-11-06T03:00Z 2010-11-07T03:00Z 1', '2010-11-07T03:00Z 2010-11-08T04:00Z 2'],
    ],
    [
      'a midnight that comes twice: the first',
      'day',
      'America/Havana',
      ['2026-11-01T03:59Z', '2026-11-01T04:00Z', '2026-11-01T05:30Z'],
      ['2026-10-31T04:00Z 2026-11-01T04:00Z 1', '2026-11-01T04:00Z 2026-11-02T05:00Z 2'],
    ],
    [
      'a date that a place left out',
      'day',
      'Pacific/Apia',
      ['2011-12-30T09:59Z', '2011-12-30T10:00Z'],
      ['2011-12-29T10:00Z 2011-12-30T10:00Z 1', '2011-12-30T10:00Z 2011-12-31T10:00Z 1'],
    ],
    ['weeks from Monday on', 'week', 'Europe/Berlin', ['2026-03-29T12:00Z'], ['2026-03-22T23:00Z 2026-03-29T22:00Z 1']],
    ['a Monday', 'week', 'UTC', ['2026-03-30T00:00Z'], ['2026-03-30T00:00Z 2026-04-06T00:00Z 1']],
    ['before 1970', 'week', 'UTC', ['1969-12-31T00:00Z'], ['1969-12-29T00:00Z 1970-01-05T00:00Z 1']],
    ['months', 'month', 'America/New_York', ['2024-02-29T12:00Z'], ['2024-02-01T05:00Z 2024-03-01T05:00Z 1']],
    ['December', 'month', 'UTC', ['2024-12-31T12:00Z'], ['2024-12-01T00:00Z 2025-01-01T00:00Z 1']],
    [
      'an hour that comes twice, each time',
      'hour',
      'Europe/Berlin',
      ['2026-10-25T00:30Z', '2026-10-25T01:30Z'],
      ['2026-10-25T00:00Z 2026-10-25T01:00Z 1', '2026-10-25T01:00Z 2026-10-25T02:00Z 1'],
    ],
    [
      'hours of a place between two',
      'hour',
      'Asia/Kathmandu',
      ['2026-01-01T00:20Z'],
      ['2026-01-01T00:15Z 2026-01-01T01:15Z 1'],
    ],
    [
      'an hour that lasts half an hour longer',
      'hour',
      'Australia/Lord_Howe',
      ['2026-04-04T14:30Z', '2026-04-04T15:15Z'],
      ['2026-04-04T14:00Z 2026-04-04T15:30Z 2'],
    ],
    [
      'a half hour, since the clock skips the other',
      'hour',
      'Australia/Lord_Howe',
      ['2026-10-03T15:29Z', '2026-10-03T15:45Z'],
      ['2026-10-03T14:30Z 2026-10-03T15:30Z 1', '2026-10-03T15:30Z 2026-10-03T16:00Z 1'],
    ],
    ['years of three digits', 'day', 'UTC', ['0099-06-01T12:00:00Z'], ['0099-06-01T00:00Z 0099-06-02T00:00Z 1']],
  ])('%s', async (_, unit, zone, times, expected) => {
    expect(await spansOf(unit, zone, times)).toEqual(expected);
  });

  const zones = [
    ...['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'America/Havana', 'America/Goose_Bay', 'Asia/Beirut'],
    ...['Africa/Cairo', 'Asia/Amman', 'Pacific/Apia', 'Australia/Lord_Howe', 'Atlantic/Azores', 'Asia/Tehran', 'UTC'],
  ];

  /** The date of the local clock, computed independently of the library. */
  const localDates = new Map(
    zones.map((zone) => [zone, new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short' })]),
  );

  it.each(zones)('has days that begin when the clock first shows their date: %s', async (zone) => {
    const format = localDates.get(zone) as Intl.DateTimeFormat;
    const random = new Random(1);
    const step = 15 * 60_000;
    const first = Date.UTC(1990 + random.int(25), random.int(12), 1);
    const times = Array.from({ length: 8 * 31 * 96 }, (_, i) => first + i * step);
    // Once a date has begun, the previous one does not return.
    const dates: string[] = [];
    for (const time of times) {
      const date = format.format(time);
      const last = dates.at(-1);
      dates.push(last !== undefined && last > date ? last : date);
    }
    const counts = new Map<string, number>();
    for (const date of dates) counts.set(date, (counts.get(date) ?? 0) + 1);
    const spans = await spansOf('day', zone, times);
    expect(spans.map((span) => Number(span.split(' ')[2]))).toEqual([...counts.values()]);
    // They follow each other without gaps, except for dates that a zone skipped.
    for (const [i, span] of spans.entries()) {
      if (i > 0) expect(span.split(' ')[0]).toBe(spans[i - 1]?.split(' ')[1]);
    }
  });

  it('is split by value, and folded', async () => {
    const days = calendarWindow(Reading, at, { unit: 'day', zone: 'Europe/Berlin', by: field(Reading, 'sensor') });
    const counts = foldWindow(days, {
      initial: (sensor) => ({ sensor, n: 0 }),
      add: (acc, { count }) => ({ ...acc, n: acc.n + count }),
    });
    const process = processFunction(counts, { inject: [WindowBounds], emits: [Span] }, ({ sensor, n }, { start }) =>
      message(Span, { text: `${sensor} ${n} ${short(start)}` }),
    );
    const elements = [
      reading('2026-10-24T12:00Z', 'a'),
      reading('2026-10-24T22:30Z', 'b'),
      reading('2026-10-25T22:30Z', 'a'),
      reading('2026-10-25T22:59Z', 'b'),
      reading('2026-10-25T23:00Z', 'b'),
    ];
    const broker = new MemoryMessageBroker([[Reading, elements]]);
    const mill = new WaterMill({ process, broker });
    expect(mill.explain()).toContain(
      'for each value of Reading.sensor: folded, each day of Reading.at in Europe/Berlin; closes when a key reaches its end',
    );
    await mill.run();
    expect(broker.written(Span).map(({ text }) => text)).toEqual([
      'a 1 2026-10-23T22:00Z',
      'a 1 2026-10-24T22:00Z',
      'b 2 2026-10-24T22:00Z',
      'b 1 2026-10-25T23:00Z',
    ]);
  });

  it.each<[what: string, make: () => unknown, code: string, sentence: string]>([
    [
      'a zone that there is not',
      () => calendarWindow(Reading, at, { unit: 'day', zone: 'Mars/Phobos' }),
      'WM_WINDOW',
      `zone must be the IANA name of a time zone that this host knows, such as 'Europe/Berlin' or 'UTC', not "Mars/Phobos"`,
    ],
    ['no zone', () => calendarWindow(Reading, at, { unit: 'day' } as any), 'WM_WINDOW', 'zone must be'],
    [
      'another unit',
      () => calendarWindow(Reading, at, { unit: 'year', zone: 'UTC' } as any),
      'WM_WINDOW',
      "unit must be 'hour', 'day', 'week' or 'month', not \"year\"",
    ],
    [
      'a key that is no Date',
      () => calendarWindow(Reading, field(Reading, 'count') as any, { unit: 'day', zone: 'UTC' }),
      'WM_KEY_TYPE',
      'the key, Reading.count, is a number; a calendar needs a Date',
    ],
    [
      'an unknown option',
      () => calendarWindow(Reading, at, { unit: 'day', zone: 'UTC', size: 1 } as any),
      'WM_WINDOW',
      'calendarWindow(Reading) has no option "size". There are unit, zone and by.',
    ],
  ])('refuses %s', (_, make, code, sentence) => {
    expect(make).toThrow(expect.objectContaining({ code, message: expect.stringContaining(sentence) }));
  });

  it('fails if a function returns a number', async () => {
    const window = calendarWindow(Reading, (each: Reading) => each.count as any, { unit: 'day', zone: 'UTC' });
    const broker = new MemoryMessageBroker([[Reading, [reading(0)]]]);
    await expect(new WaterMill({ process: processFunction(window, {}, () => {}), broker }).run()).rejects.toMatchObject(
      {
        code: 'WM_INVALID_KEY',
        message: expect.stringContaining('a Date, as a calendar needs'),
      },
    );
  });

  it('fails for the last possible Dates', async () => {
    await expect(spansOf('month', 'UTC', [8.64e15])).rejects.toMatchObject({
      code: 'WM_INVALID_KEY',
      message: expect.stringContaining("the calendar's window reaches beyond the last or the first Date"),
    });
  });
});
