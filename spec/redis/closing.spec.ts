import { RedisConnection } from '../../lib/brokers/redis/redis-connection.js';
import { Item } from '../plan/model.js';

// A fake server: an outage at the right moment cannot be arranged on a real one.
describe('a connection that is closed', () => {
  it('releases a lane that is opened in the meantime', async () => {
    const [taking, leaving] = [gate(), gate()];
    const sent: string[] = [];
    const send = async ([name, ...words]: readonly string[]): Promise<unknown> => {
      sent.push(name as string);
      if (name === 'SET' && words[0] === 'watermill:g:owner:0') await taking.opened;
      if (name === 'DEL') await leaving.opened;
      if (name === 'EXISTS') return 1;
      return name === 'SMEMBERS' ? ['me'] : [null, null, null];
    };
    const steady = () => ({ send, run: (work: (connection: object) => unknown) => work({ send }), close: () => {} });
    const connection = new RedisConnection({
      ...{ client: steady(), steady, token: 'me', leads: true, letterPlace: () => undefined },
      ...{ progress: { group: 'g', isOfThisRun: false, isShared: false }, settings: { group: 'g', address: 'there' } },
      ...{ inputs: [{ message: Item, place: { kind: 'stream', keys: ['items'] }, entry: {} }], outputs: [] },
      ...{ lanes: 1, writingLanes: 1 },
      request: { signal: new AbortController().signal, clock: { setTimer: () => () => {} } },
    } as any);
    connection.lanes();
    await turns();
    expect(sent.at(-1)).toBe('SET');
    const closed = connection.close();
    await turns();
    taking.open();
    await turns();
    leaving.open();
    await closed;
    expect(sent.at(-1)).toBe('EVAL');
  });
});

function gate(): { open: () => void; opened: Promise<void> } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
}

async function turns(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
}
