import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Click, ClickThrough, Impression } from './messages.js';
import { files, makeMill } from './mill.js';

describe('ad clicks', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('asks for the same user, the same ad and ten minutes, both ends included', async () => {
    const impression = { user: 'u', ad: 'a', site: 's' };
    const broker = new MemoryMessageBroker([
      [
        Impression,
        [
          { time: 100, ...impression },
          { time: 101, ...impression },
        ],
      ],
      [
        Click,
        [
          { time: 100, user: 'u', ad: 'a' },
          { time: 200, user: 'v', ad: 'a' },
          { time: 300, user: 'u', ad: 'b' },
          { time: 701, user: 'u', ad: 'a' },
        ],
      ],
    ]);
    await makeMill(broker).run();
    expect(broker.written(ClickThrough).map(({ secondsToClick, clicks }) => [secondsToClick, clicks])).toEqual([
      [0, 1],
      [600, 1],
    ]);
  });
});
