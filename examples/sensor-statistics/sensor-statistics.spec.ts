import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { LateReading, MinuteStatistics, Reading } from './messages.js';
import { files, makeMill } from './mill.js';

describe('sensor statistics', () => {
  it('writes the expected files', async () => {
    const { written, expected, report } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
    expect(report.nodes[0]).toMatchObject({ late: 2 });
  });

  it('counts a reading in its minute if it is at most five seconds late', async () => {
    const reading = (time: number, celsius: number) => ({ time, celsius });
    const broker = new MemoryMessageBroker([
      [Reading, [reading(58_000, 20), reading(63_000, 30), reading(58_000, 22), reading(57_999, 99)]],
    ]);
    await makeMill(broker).run();
    expect(broker.written(MinuteStatistics)).toEqual([
      { minute: 0, readings: 2, lowest: 20, highest: 22, mean: 21 },
      { minute: 1, readings: 1, lowest: 30, highest: 30, mean: 30 },
    ]);
    expect(broker.written(LateReading)).toEqual([{ time: 57_999, celsius: 99 }]);
  });
});
