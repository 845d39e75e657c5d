import { CustomMessageBroker, MemoryMessageBroker } from 'watermill';
import { testMill } from 'watermill/testing';
import { replay } from '../support/replay.js';
import { watchWeather } from './downtime.js';
import { Activity, Line, Weather } from './messages.js';
import { files, makeMill, tellWeather } from './mill.js';

it('tells the weather at each activity', async () => {
  const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
  expect(written).toEqual(expected);
});

it('tells nothing of weather that is not known yet', async () => {
  const broker = new MemoryMessageBroker([
    [Activity, [{ timestamp: new Date('2023-01-01T09:00:00Z'), value: 'breakfast' }]],
    [Weather, [{ timestamp: new Date('2023-01-01T10:00:00Z'), value: '🌞' }]],
    [Line],
  ]);
  await makeMill(broker).run();
  expect(broker.written(Line)).toEqual([{ text: 'The weather during breakfast was ?' }]);
});

/** The weather stream is down while activities arrive: a cache lookup would return the weather of an hour before. */
it('waits for weather that comes late, so nothing has to be corrected', async () => {
  const weather = [
    { timestamp: new Date('2023-01-01T11:00:00Z'), value: '⛅' },
    { timestamp: new Date('2023-01-01T12:00:00Z'), value: '🌦️' },
  ];
  async function* downForAWhile() {
    yield weather[0]!;
    for (let turn = 0; turn < 50; turn++) await new Promise((resolve) => setImmediate(resolve));
    yield weather[1]!;
  }
  const activities = [
    { timestamp: new Date('2023-01-01T11:30:00Z'), value: 'walking home' },
    { timestamp: new Date('2023-01-01T12:30:00Z'), value: 'shopping' },
  ];
  const told: string[] = [];
  const broker = new CustomMessageBroker({
    sources: [
      [Activity, activities],
      [Weather, downForAWhile],
    ],
    sinks: [[Line, ({ text }) => void told.push(text)]],
  });
  await makeMill(broker).run();
  expect(told).toEqual(['The weather during walking home was ⛅', 'The weather during shopping was 🌦️']);
});

/** The "Synchronization" of the original page: the weather is down between 11:00 and 12:00. */
describe('a weather stream that is down', () => {
  const at = (hour: number, minute = 0) => new Date(Date.UTC(2023, 0, 1, hour, minute));
  const weather = ['🌞', '⛅', '🌦️', '🌧'].map((value, i) => ({ timestamp: at(10 + i), value }));
  const activities = [
    { timestamp: at(10, 30), value: 'swimming' },
    { timestamp: at(11, 30), value: 'walking home' },
    { timestamp: at(12, 30), value: 'shopping' },
    { timestamp: at(13, 10), value: 'lunch' },
  ];

  async function told(ignoreAfterMs?: number): Promise<string[]> {
    const lines: string[] = [];
    const kit = testMill({ process: tellWeather, ...watchWeather((line) => lines.push(line), ignoreAfterMs) });
    const collect = () =>
      lines.push(
        ...kit
          .results(Line)
          .slice(lines.filter((line) => line[0] !== '\t').length)
          .map(({ text }) => text as string),
      );
    await kit.push(Weather, ...weather.slice(0, 2));
    await kit.push(Activity, ...activities.slice(0, 2));
    collect();
    await kit.push(Activity, activities[2]!);
    await kit.advance(5_000);
    collect();
    await kit.push(Weather, ...weather.slice(2));
    await kit.push(Activity, activities[3]!);
    await kit.end();
    collect();
    return lines;
  }

  it('is reported; the activities wait for it, so the line about shopping is right at once', async () => {
    expect(await told()).toEqual([
      'The weather during swimming was 🌞',
      '\tDowntime detected: 1:30:00',
      '\tDowntime resolved',
      'The weather during walking home was ⛅',
      'The weather during shopping was 🌦️',
      'The weather during lunch was 🌧',
    ]);
  });

  it('may be ignored; then the line about shopping has to be corrected, as in the original', async () => {
    expect(await told(2_000)).toEqual([
      'The weather during swimming was 🌞',
      '\tDowntime detected: 1:30:00',
      'The weather during walking home was ⛅',
      'The weather during shopping was ⛅',
      '\tDowntime resolved, to be corrected from 1',
      'The weather during lunch was 🌧',
    ]);
  });
});
