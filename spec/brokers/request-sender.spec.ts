import { RequestSender } from '../../lib/brokers/request-sender.js';
import { settled } from '../support/virtual-clock.js';

/** A sender of ten requests with four results each, which end when the test says so. */
function tenRequests(mostQueued: number) {
  const ends: ((failure?: Error) => void)[] = [];
  let left = 10;
  const send = () => new Promise<Error | undefined>((resolve) => ends.push(resolve));
  const sender = new RequestSender(mostQueued, () => (left-- > 0 ? { size: 4, send } : undefined));
  sender.add(40);
  return { sender, ends };
}

async function isSettled(promise: Promise<unknown> | undefined): Promise<boolean> {
  let settles = promise === undefined;
  const settle = () => {
    settles = true;
  };
  promise?.then(settle, settle);
  await settled();
  return settles;
}

describe('RequestSender', () => {
  it('sends one request at a time', async () => {
    const { sender, ends } = tenRequests(100);
    for (let i = 0; i < 3; i++) expect(sender.send()).toBeUndefined();
    expect(ends).toHaveLength(1);
    ends[0]!();
    await settled();
    expect(ends).toHaveLength(2);
  });

  it('makes the writer wait until half of the allowed results are left', async () => {
    const { sender, ends } = tenRequests(32);
    const pressure = sender.send();
    for (let i = 0; i < 6; i++) {
      expect(await isSettled(pressure)).toBe(false);
      ends[i]!();
    }
    expect(await isSettled(pressure)).toBe(true);
  });

  it('flushes everything', async () => {
    const { sender, ends } = tenRequests(100);
    const flush = sender.flush();
    for (let i = 0; i < 10; i++) {
      expect(await isSettled(flush)).toBe(false);
      ends[i]!();
    }
    expect(await isSettled(flush)).toBe(true);
  });

  it('stops at a failure, which every later wait gets', async () => {
    const { sender, ends } = tenRequests(8);
    const pressure = sender.send();
    ends[0]!(new Error('no connection'));
    await expect(pressure).rejects.toThrow('no connection');
    await expect(sender.send()).rejects.toThrow('no connection');
    await expect(sender.flush()).rejects.toThrow('no connection');
    expect(ends).toHaveLength(1);
  });

  it('is closed when the request in progress is over, and releases who waits', async () => {
    const { sender, ends } = tenRequests(8);
    const pressure = sender.send();
    const close = sender.close();
    expect(await isSettled(close)).toBe(false);
    ends[0]!();
    expect(await isSettled(close)).toBe(true);
    expect(await isSettled(pressure)).toBe(true);
    expect(ends).toHaveLength(1);
  });
});
