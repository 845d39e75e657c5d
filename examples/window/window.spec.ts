import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { MeanLocation, RobotLocation } from './messages.js';
import { files, makeMill } from './mill.js';

describe('a window', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('calls nothing for a half minute without locations, and is flushed at the end', async () => {
    const broker = new MemoryMessageBroker([
      [
        RobotLocation,
        [
          { time: 29, x: 1, y: 0 },
          { time: 30, x: 2, y: 0 },
          { time: 59, x: 4, y: 0 },
          { time: 95, x: 8, y: 0 },
        ],
      ],
    ]);
    await makeMill(broker).run();
    expect(broker.written(MeanLocation).map(({ halfMinute, count, x }) => [halfMinute, count, x])).toEqual([
      [0, 1, 1],
      [1, 2, 3],
      [3, 1, 8],
    ]);
  });
});
