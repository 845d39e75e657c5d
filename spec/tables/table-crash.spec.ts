import { type Broker, MemoryMessageBroker, WaterMill } from 'watermill';
import { watched } from '../mill/support/watched-broker.js';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { plain } from './model.js';
import { forms, Histories, oracle, randomSteps, Seen, Step } from './table-oracle.js';

type Form = (typeof forms)[keyof typeof forms];

/**
 * Runs to the end, or to the k-th call of the broker, at which the process dies. Returns the visible rows of the table.
 */
async function life(process: Form, broker: Broker, elements: number, dies = Number.POSITIVE_INFINITY) {
  let calls = 0;
  const dying = watched(broker, (call) => {
    // A dead process holds no locks.
    if (call !== 'close' && ++calls >= dies) throw new Error('crash');
  });
  const mill = new WaterMill({ process, broker: dying, commitEvery: { elements } });
  const outcome = await mill.run().then(
    () => 'ended',
    (error) => (String(error).includes('crash') ? 'died' : error),
  );
  if (outcome !== 'ended' && outcome !== 'died') throw outcome;
  return { outcome, left: plain(mill.table(Histories).range()) };
}

const brokerOf = (steps: readonly Step[]) => new MemoryMessageBroker([[Step, steps]]);

describe.each(Object.entries(forms))('%s with a table', (_, form) => {
  it('sees the rows of all earlier calls after any crash', async () => {
    for (let seed = firstSeed(); seed < firstSeed() + cases(60); seed++) {
      const random = new Random(seed);
      const steps = randomSteps(random, 1 + random.int(30), 1 + random.int(8));
      const expected = oracle(steps);
      const broker = brokerOf(steps);
      for (let lives = 0; ; lives++) {
        const dies = lives < 6 ? 2 + random.int(25) : undefined;
        const { outcome, left } = await life(form, broker, 1 + random.int(6), dies);
        if (outcome === 'died') continue;
        const found = { seen: plain(broker.written(Seen)), left };
        expect({ repeat: repeatBy(seed), ...found }).toEqual({ repeat: repeatBy(seed), ...expected });
        break;
      }
    }
  });

  it('is the same after a crash at any call of the broker', async () => {
    const steps = randomSteps(new Random(7), 40);
    const expected = oracle(steps);
    for (let dies = 1; ; dies++) {
      const broker = brokerOf(steps);
      const first = await life(form, broker, 3, dies);
      const { left } = await life(form, broker, 5);
      expect({ dies, seen: plain(broker.written(Seen)), left }).toEqual({ dies, ...expected });
      if (first.outcome === 'ended') break;
    }
  });
});
