import { MemoryMessageBroker, message, WaterMill } from 'watermill';
import { watched } from '../mill/support/watched-broker.js';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { randomFailingFlow } from './failing-model.js';
import { Ev, LateEv, Text } from './keyed-model.js';
import type { Value } from './window-model.js';

it('random async and failing flows agree with plain code, call by call, also after crashes', async () => {
  for (let seed = firstSeed(); seed < firstSeed() + cases(160); seed++) {
    const random = new Random(seed);
    const { text, make, plain } = randomFailingFlow(random);
    const jitter = random.pick([0, 3, 12]);
    const input: Value[] = Array.from({ length: 1 + random.int(25) }, (_, i) => ({
      k: random.pick(['a', 'b', 'c']),
      t: i + 20 - random.int(jitter + 1),
      n: random.int(40),
    }));
    const expected = plain(input);
    const broker = new MemoryMessageBroker([[Ev, input.map((value) => message(Ev, value))]]);
    for (let lives = random.int(3); lives >= 0; lives--) {
      let left = lives === 0 ? Number.POSITIVE_INFINITY : 1 + random.int(60);
      const dying = watched(broker, (call) => {
        if (call !== 'close' && --left === 0) throw new Error('crash');
      });
      const commitEvery = { elements: 1 + random.int(6) };
      await new WaterMill({ process: make(), broker: dying, commitEvery }).run().catch((error) => {
        if (left > 0) throw error;
      });
    }
    const found = {
      texts: broker.written(Text).map((each) => each.text),
      late: broker.written(LateEv).map((each) => ({ ...each })),
    };
    const about = { repeat: repeatBy(seed), text, input: JSON.stringify(input) };
    expect({ ...about, ...found }).toEqual({ ...about, ...expected });
  }
}, 120_000);
