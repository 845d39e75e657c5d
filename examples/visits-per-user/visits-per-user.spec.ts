import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { PageView, Regular } from './messages.js';
import { files, makeMill, VisitsByUser } from './mill.js';

const viewsOf = (...users: readonly string[]) =>
  users.map((user, minute) => ({ at: new Date(Date.UTC(2026, 2, 8, 10, minute)), user, page: '/' }));

describe('visits per user', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('shows the counts by user', async () => {
    const mill = makeMill(new MemoryMessageBroker([[PageView, viewsOf('bob', 'ann', 'bob')]]));
    await mill.run();
    expect([...mill.table(VisitsByUser).range()].map(({ user, count }) => [user, count])).toEqual([
      ['ann', 1],
      ['bob', 2],
    ]);
  });

  it('names a regular user once', async () => {
    const broker = new MemoryMessageBroker([[PageView, viewsOf('ann', 'ann', 'ann', 'bob', 'ann')]]);
    await makeMill(broker).run();
    expect(broker.written(Regular).map(({ user }) => user)).toEqual(['ann']);
  });
});
