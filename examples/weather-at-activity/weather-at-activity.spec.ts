import { CustomMessageBroker, MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Activity, Line, Weather } from './messages.js';
import { files, makeMill } from './mill.js';

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
