import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { PageView, Visit } from './messages.js';
import { files, makeMill } from './mill.js';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 8, 10, minute));

describe('user sessions', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('keeps the sessions of users apart', async () => {
    const broker = new MemoryMessageBroker([
      [
        PageView,
        [
          { at: at(0), user: 'ann', page: '/' },
          { at: at(20), user: 'bob', page: '/' },
          { at: at(31), user: 'ann', page: '/cart' },
        ],
      ],
    ]);
    await makeMill(broker).run();
    expect(broker.written(Visit).map(({ user, pages }) => [user, ...pages])).toEqual([
      ['ann', '/'],
      ['bob', '/'],
      ['ann', '/cart'],
    ]);
  });
});
