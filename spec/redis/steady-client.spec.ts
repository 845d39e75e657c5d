import { RedisClientError } from '../../lib/brokers/redis/client/redis-client.js';
import { SteadyClient } from '../../lib/brokers/redis/client/steady-client.js';
import { RecordingLogger } from '../mill/support/recording-logger.js';

const setup = {
  retry: { retries: 3, initialRetryTime: 1, maxRetryTime: 1 },
  logger: new RecordingLogger(),
  clock: {
    now: () => 0,
    setTimer(_: number, callback: () => void) {
      setImmediate(callback);
      return () => {};
    },
  },
};

// A fake server: the number of attempts to reach a real one cannot be counted.
it('a client whose retries are exhausted tries once more for each command, until one succeeds', async () => {
  let isUp = false;
  let attempts = 0;
  const open = async () => {
    attempts++;
    if (!isUp) throw new RedisClientError('interrupted', 'refused');
    return { send: async () => 'PONG', sendForBytes: async () => 'PONG', close() {} };
  };
  const client = new SteadyClient({
    open,
    ...setup,
  });
  const failing = async () => {
    attempts = 0;
    await expect(client.send(['PING'])).rejects.toMatchObject({ kind: 'given up' });
    return attempts;
  };
  expect(await failing()).toBe(4);
  expect(await failing()).toBe(1);
  isUp = true;
  expect(await client.send(['PING'])).toBe('PONG');
  client.close();
  await expect(client.send(['PING'])).rejects.toMatchObject({ kind: 'interrupted' });
});

it('a client that has reached the server again retries again', async () => {
  const answers = [...Array(5).fill(false), true, ...Array(4).fill(false)];
  let attempts = 0;
  const send = async () => {
    attempts++;
    if (!answers.shift()) throw new RedisClientError('interrupted', 'cut');
    return 'PONG';
  };
  const client = new SteadyClient({
    open: async () => ({ send, sendForBytes: send, close() {} }),
    ...setup,
  });
  const counts: number[] = [];
  for (let i = 0; i < 4; i++) {
    attempts = 0;
    await client.send(['PING']).catch(() => {});
    counts.push(attempts);
  }
  expect(counts).toEqual([4, 1, 1, 4]);
});

it('a client that is closed while its connection opens sends nothing on it', async () => {
  const sent: unknown[] = [];
  const send = async (command: unknown) => sent.push(command);
  let opened = (_: any): void => {};
  const open = () =>
    new Promise<any>((resolve) => {
      opened = resolve;
    });
  const client = new SteadyClient({ open, ...setup });
  const reply = client.send(['SET', 'key', 'value']);
  client.close();
  opened({ send, sendForBytes: send, close() {} });
  await expect(reply).rejects.toMatchObject({ kind: 'interrupted' });
  expect(sent).toEqual([]);
});
