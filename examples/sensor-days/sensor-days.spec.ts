import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Reading, SensorDay } from './messages.js';
import { files, makeMill } from './mill.js';

describe('sensor days', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('has 23 hours on the day on which the clock changes', async () => {
    const readings = [{ at: new Date('2026-03-29T12:00Z'), sensor: 'roof', celsius: 4 }];
    const broker = new MemoryMessageBroker([[Reading, readings]]);
    await makeMill(broker).run();
    expect(broker.written(SensorDay)).toMatchObject([{ hours: 23, readings: 1, mean: 4 }]);
  });
});
