import { MemoryMessageBroker, message, WaterMill } from 'watermill';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { randomFailingFlow } from './failing-model.js';
import { Ev, Text, type Value } from './keyed-model.js';

it('random async and failing flows agree with plain code, call by call', async () => {
  for (let seed = firstSeed(); seed < firstSeed() + cases(120); seed++) {
    const random = new Random(seed);
    const { text, make, plain } = randomFailingFlow(random);
    const input: Value[] = Array.from({ length: 1 + random.int(25) }, (_, t) => ({
      k: random.pick(['a', 'b', 'c']),
      t,
      n: random.int(40),
    }));
    const expected = plain(input);
    const broker = new MemoryMessageBroker([[Ev, input.map((value) => message(Ev, value))]]);
    await new WaterMill({ process: make(), broker, commitEvery: { elements: 1 + random.int(6) } }).run();
    const about = { repeat: repeatBy(seed), text, input: JSON.stringify(input) };
    expect({ ...about, texts: broker.written(Text).map((each) => each.text) }).toEqual({ ...about, texts: expected });
  }
}, 120_000);
