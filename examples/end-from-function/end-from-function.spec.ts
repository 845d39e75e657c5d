import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { DistanceToGoal, RobotLocation } from './messages.js';
import { files, makeMill } from './mill.js';

describe('ending the stream from the function', () => {
  it('writes the expected file', async () => {
    const { written, expected, report } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
    expect(report.ended).toBe('process');
  });

  it('ends the results, and calls nothing more', async () => {
    const far = { time: 0, x: 30, y: 0 };
    const near = { time: 1, x: 30, y: 39 };
    const broker = new MemoryMessageBroker([[RobotLocation, [far, near, { ...far, time: 2 }]]]);
    const report = await makeMill(broker).run();
    expect(broker.written(DistanceToGoal)).toEqual([{ time: 0, metres: 40 }]);
    expect(broker.ended(DistanceToGoal)).toBe(true);
    expect(report.calls).toBe(2);
  });
});
