import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { PageView, Session } from './messages.js';
import { files, makeMill } from './mill.js';

const at = (minute: number) => new Date(Date.UTC(2024, 2, 8, 10, minute));

describe('page sessions', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('goes on after a pause of exactly half an hour', async () => {
    const minutes = [0, 30, 61];
    const broker = new MemoryMessageBroker([[PageView, minutes.map((minute) => ({ at: at(minute), page: '/' }))]]);
    await makeMill(broker).run();
    expect(broker.written(Session).map(({ start, end, views }) => [start, end, views])).toEqual([
      [at(0), at(30), 2],
      [at(61), at(61), 1],
    ]);
  });
});
