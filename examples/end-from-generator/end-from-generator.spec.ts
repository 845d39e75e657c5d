import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Packet, Reading } from './messages.js';
import { files, makeMill } from './mill.js';

describe('ending the stream from a generator', () => {
  it('writes the expected file', async () => {
    const { written, expected, report } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
    expect(report.ended).toBe('process');
  });

  it('writes what was yielded before the end, and nothing of what follows', async () => {
    const broker = new MemoryMessageBroker([
      [
        Packet,
        [
          { time: 0, readings: [] },
          { time: 60, readings: [1, 2], last: true },
          { time: 120, readings: [3] },
        ],
      ],
    ]);
    await makeMill(broker).run();
    expect(broker.written(Reading)).toEqual([
      { time: 60, value: 1 },
      { time: 90, value: 2 },
    ]);
    expect(broker.ended(Reading)).toBe(true);
  });
});
