import { MemoryMessageBroker, message, WaterMill } from 'watermill';
import { watched } from '../mill/support/watched-broker.js';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Ev, LateEv, randomKeyedFlow, Text, type Value } from './keyed-model.js';

const byText = (values: readonly object[]): string[] => values.map((value) => JSON.stringify({ ...value })).sort();

it('random flows that keep something for each key give what plain code gives, also after crashes', async () => {
  for (let seed = firstSeed(); seed < firstSeed() + cases(60); seed++) {
    const random = new Random(seed);
    const { text, make, plain } = randomKeyedFlow(random);
    const jitter = random.pick([0, 0, 4, 12]);
    let t = 0;
    const input: Value[] = Array.from({ length: random.int(30) }, () => {
      t += random.pick([0, 0, 1, 1, 2, 7]);
      return { k: random.pick(['a', 'b', 'c']), t: t - random.int(jitter + 1), n: random.int(20) };
    });
    const expected = plain(input);
    const commitEvery = { elements: 1 + random.int(6) };
    for (const k of [0, 1 + random.int(30), 1 + random.int(60)]) {
      const broker = new MemoryMessageBroker([[Ev, input.map((value) => message(Ev, value))]]);
      let calls = 0;
      let isCrashed = false;
      const crashing = watched(broker, (call) => {
        if (call === 'close' || ++calls !== k) return;
        isCrashed = true;
        throw new Error('crash');
      });
      await new WaterMill({ process: make(), broker: crashing, commitEvery }).run().catch((error) => {
        if (!isCrashed) throw error;
      });
      if (isCrashed) await new WaterMill({ process: make(), broker, commitEvery }).run();
      const found = { texts: broker.written(Text).map((each) => each.text), late: byText(broker.written(LateEv)) };
      const about = { repeat: repeatBy(seed), k, text, input: JSON.stringify(input) };
      expect({ ...about, ...found }).toEqual({ ...about, texts: expected.texts, late: byText(expected.late) });
    }
  }
}, 120_000);
