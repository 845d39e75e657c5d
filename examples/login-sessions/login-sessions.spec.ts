import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { LoginSession, UserEvent } from './messages.js';
import { files, makeMill } from './mill.js';

describe('login sessions', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('begins another session after a logout, and counts the one that is open at the end', async () => {
    const types = ['login', 'logout', 'login', 'post', 'logout', 'login'];
    const broker = new MemoryMessageBroker([[UserEvent, types.map((type) => ({ user: 'a', type }))]]);
    const report = await makeMill(broker).run();
    expect(broker.written(LoginSession).map((session) => session.types)).toEqual([
      ['login', 'logout'],
      ['login', 'post', 'logout'],
    ]);
    expect(report.steps).toMatchObject([{ name: 'sessions', kept: 1 }]);
  });
});
