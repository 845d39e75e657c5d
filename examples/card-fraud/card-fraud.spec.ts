import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { FraudAlert, Payment } from './messages.js';
import { files, makeMill } from './mill.js';

const at = (minute: number) => new Date(Date.UTC(2026, 2, 8, 10, minute));
const rejectedAt = (...minutes: readonly number[]) =>
  minutes.map((minute) => ({ at: at(minute), card: '1', amount: 100, accepted: false }));

async function alertsOf(payments: readonly Payment[]): Promise<readonly FraudAlert[]> {
  const broker = new MemoryMessageBroker([[Payment, payments]]);
  await makeMill(broker).run();
  return broker.written(FraudAlert);
}

describe('card fraud', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('counts three rejections within exactly ten minutes, and not within more', async () => {
    expect((await alertsOf(rejectedAt(0, 5, 10))).map((alert) => alert.at)).toEqual([at(10)]);
    expect(await alertsOf(rejectedAt(0, 5, 11))).toEqual([]);
  });

  it('begins to count again after an alert', async () => {
    expect((await alertsOf(rejectedAt(0, 1, 2, 3, 4, 5))).map((alert) => alert.at)).toEqual([at(2), at(5)]);
  });

  it('compares an amount with the payments of its own card', async () => {
    const payments = [100, 100, 100, 1001].map((amount, minute) => ({
      at: at(minute),
      card: '1',
      amount,
      accepted: true,
    }));
    const last = { at: at(4), card: '2', amount: 5000, accepted: true };
    expect((await alertsOf([...payments, last])).map(({ card }) => card)).toEqual(['1']);
  });
});
