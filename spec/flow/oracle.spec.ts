import { message, WaterMill } from 'watermill';
import { ScriptedBroker } from '../mill/support/scripted-broker.js';
import { watched } from '../mill/support/watched-broker.js';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Num, Out, out, randomFlow, Side } from './model.js';

const numbers = (values: readonly { n: number }[]): number[] => values.map(({ n }) => n);

it('random flows agree with plain code over arrays, also after a crash at any call of the broker', async () => {
  for (let seed = firstSeed(); seed < firstSeed() + cases(150); seed++) {
    const random = new Random(seed);
    const { text, make, plain } = randomFlow(random);
    const input = Array.from({ length: random.int(25) }, () => random.int(50));
    const expected = plain(input);
    const elements = input.map((n) => message(Num, { n }));
    const script = { batchSize: 1 + random.int(9), isAsync: random.chance(0.3) };
    const commitEvery = { elements: 1 + random.int(6) };
    const crashesAt = [0, 1 + random.int(30), 1 + random.int(60)];
    for (const k of crashesAt) {
      const broker = new ScriptedBroker([[Num, elements]], script);
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
      const found = { values: numbers(broker.written(Out)), side: numbers(broker.written(Side)) };
      expect({ repeat: repeatBy(seed), k, text, input, ...found }).toEqual({
        repeat: repeatBy(seed),
        k,
        text,
        input,
        ...expected,
      });
    }
  }
}, 120_000);

it('random flows agree with plain code, also after any call of their last step failed, at the end of the stream, too', async () => {
  for (let seed = firstSeed(); seed < firstSeed() + cases(60); seed++) {
    const random = new Random(seed);
    const { text, make, plain } = randomFlow(random);
    const input = Array.from({ length: random.int(25) }, () => random.int(50));
    const expected = plain(input);
    const broker = new ScriptedBroker([[Num, input.map((n) => message(Num, { n }))]], { batchSize: 1 + random.int(9) });
    const commitEvery = { elements: 1 + random.int(6) };
    let left = 1 + random.int(expected.values.length + 1);
    const fails = (n: number): Out => {
      if (--left === 0) throw new Error('no');
      return out(n);
    };
    await new WaterMill({ process: make(fails), broker, commitEvery }).run().catch((error) => {
      if (left > 0) throw error;
    });
    if (left <= 0) await new WaterMill({ process: make(), broker, commitEvery }).run();
    const found = { values: numbers(broker.written(Out)), side: numbers(broker.written(Side)) };
    const repeat = repeatBy(seed);
    expect({ repeat, text, input, ...found }).toEqual({ repeat, text, input, ...expected });
  }
}, 120_000);
