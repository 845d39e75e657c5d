import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { NextLocation, RobotLocation, WayOfHalfMinute } from './messages.js';
import { files, makeMill } from './mill.js';

describe('a window with a join', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('has only locations that have a next one', async () => {
    const locations = [0, 10, 20, 40, 50].map((time) => ({ time, x: time, y: 0 }));
    const broker = new MemoryMessageBroker([
      [RobotLocation, locations],
      [NextLocation, locations],
    ]);
    await makeMill(broker).run();
    expect(broker.written(WayOfHalfMinute)).toEqual([
      { halfMinute: 0, metres: 20, seconds: 20 },
      { halfMinute: 1, metres: 10, seconds: 10 },
    ]);
  });
});
