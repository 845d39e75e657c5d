import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { InsideArea, RobotLocation } from './messages.js';
import { files, makeMill } from './mill.js';

describe('inside an area', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('counts the border as inside', async () => {
    const broker = new MemoryMessageBroker([
      [
        RobotLocation,
        [
          { time: 1, x: 10, y: 25 },
          { time: 2, x: 9.99, y: 25 },
        ],
      ],
    ]);
    await makeMill(broker).run();
    expect(broker.written(InsideArea)).toEqual([
      { time: 1, inside: true },
      { time: 2, inside: false },
    ]);
  });
});
