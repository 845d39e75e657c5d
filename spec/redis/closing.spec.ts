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
    const connection = connectionOver({ send, setTimer: () => () => {} });
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

  it('does not wait for a server that hangs for longer than 10 s', async () => {
    let isClosed = false;
    let cut = (): void => {};
    const silence = new Promise<never>((_, reject) => {
      cut = () => reject(new Error('closed'));
    });
    const send = ([name]: readonly string[]): Promise<unknown> =>
      name === 'DEL' ? silence : Promise.resolve(name === 'SMEMBERS' ? [] : [null, null, null]);
    const timers: [ms: number, callback: () => void][] = [];
    const setTimer = (ms: number, callback: () => void) => {
      timers.push([ms, callback]);
      return () => {};
    };
    const connection = connectionOver({ send, setTimer, close: cut });
    connection.lanes();
    await turns();
    const closed = connection.close().then(() => {
      isClosed = true;
    });
    await turns();
    expect(isClosed).toBe(false);
    timers.find(([ms]) => ms === 10_000)![1]();
    await closed;
  });
});

interface Fake {
  readonly send: (command: readonly string[]) => Promise<unknown>;
  readonly setTimer: (ms: number, callback: () => void) => () => void;
  readonly close?: () => void;
}

/** A connection of a group with one lane, over a fake server and clock. */
function connectionOver({ send, setTimer, close = () => {} }: Fake): RedisConnection {
  const steady = () => ({ send, run: (work: (connection: object) => unknown) => work({ send }), close });
  return new RedisConnection({
    ...{ client: steady(), steady, token: 'me', leads: true, letterPlace: () => undefined },
    ...{ progress: { group: 'g', isOfThisRun: false, isShared: false }, settings: { group: 'g', address: 'there' } },
    ...{ inputs: [{ message: Item, place: { kind: 'stream', keys: ['items'] }, entry: {} }], outputs: [] },
    ...{ lanes: 1, writingLanes: 1 },
    request: { signal: new AbortController().signal, clock: { setTimer } },
  } as any);
}

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
