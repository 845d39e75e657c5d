import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { NearRobots, robots } from './messages.js';
import { files, makeMill } from './mill.js';

describe('robots in parallel', () => {
  it('write the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('are compared at times that all of them have', async () => {
    const broker = new MemoryMessageBroker(
      robots.map((robot, i) => {
        // The last robot starts a second later.
        const times = i === 3 ? [1, 2] : [0, 1, 2];
        return [robot, times.map((time) => ({ time, x: i * 4 * time, y: 0 }))] as const;
      }),
    );
    await makeMill(broker).run();
    expect(broker.written(NearRobots)).toEqual([
      { time: 1, robots: 'robot-1 and robot-2', metres: 4 },
      { time: 1, robots: 'robot-2 and robot-3', metres: 4 },
      { time: 1, robots: 'robot-3 and robot-4', metres: 4 },
    ]);
  });
});
