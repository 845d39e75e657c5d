import { type Broker, MemoryMessageBroker, type MessageClass, message, WaterMill } from 'watermill';
import { stagesOf } from 'watermill/flow';
import { watched } from '../mill/support/watched-broker.js';
import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { Ev, LateEv, randomKeyedFlow, Text, vias } from './keyed-model.js';
import type { Value } from './window-model.js';

const byText = (values: readonly object[]): string[] => values.map((value) => JSON.stringify({ ...value })).sort();

interface Case {
  readonly text: string;
  readonly make: ReturnType<typeof randomKeyedFlow>['make'];
  readonly input: readonly Value[];
  readonly expected: { readonly texts: readonly string[]; readonly late: readonly string[] };
  readonly elements: number;
  readonly crashes: readonly number[];
}

function randomCase(seed: number): Case {
  const random = new Random(seed);
  const { text, make, plain } = randomKeyedFlow(random);
  const jitter = random.pick([0, 0, 4, 12]);
  let t = 0;
  const input: Value[] = Array.from({ length: random.int(30) }, () => {
    t += random.pick([0, 0, 1, 1, 2, 7]);
    return { k: random.pick(['a', 'b', 'c']), t: t - random.int(jitter + 1), n: random.int(20) };
  });
  const { texts, late } = plain(input);
  const crashes = [0, 1 + random.int(30), 1 + random.int(60)];
  return { text, make, input, expected: { texts, late: byText(late) }, elements: 1 + random.int(6), crashes };
}

/** Runs a mill that dies at its `k`th call of the broker, and then another one to the end. */
async function runWithCrash(makeProcess: () => object, broker: Broker, k: number, elements: number): Promise<void> {
  let calls = 0;
  let isCrashed = false;
  const crashing = watched(broker, (call) => {
    if (call === 'close' || ++calls !== k) return;
    isCrashed = true;
    throw new Error('crash');
  });
  const commitEvery = { elements };
  await new WaterMill({ process: makeProcess(), broker: crashing, commitEvery }).run().catch((error) => {
    if (!isCrashed) throw error;
  });
  if (isCrashed) await new WaterMill({ process: makeProcess(), broker, commitEvery }).run();
}

/** Returns the elements of a class in a memory broker: the input, or the results. */
const elementsOf = (of: MessageClass<Value>, values: readonly Value[]): Value[] =>
  values.map((value) => message(of, value));

it('random stateful flows agree with plain code, also after crashes', async () => {
  for (let seed = firstSeed(); seed < firstSeed() + cases(60); seed++) {
    const { text, make, input, expected, elements, crashes } = randomCase(seed);
    for (const k of crashes) {
      const broker = new MemoryMessageBroker([[Ev, elementsOf(Ev, input)]]);
      await runWithCrash(make, broker, k, elements);
      const found = { texts: broker.written(Text).map((each) => each.text), late: byText(broker.written(LateEv)) };
      const about = { repeat: repeatBy(seed), k, text, input: JSON.stringify(input) };
      expect({ ...about, ...found }).toEqual({ ...about, ...expected });
    }
  }
}, 120_000);

it('the stages of random flows, run one after another, have the same results and the same streams in between', async () => {
  for (let seed = firstSeed(); seed < firstSeed() + cases(40); seed++) {
    const { text, make, input, expected, elements, crashes } = randomCase(seed);
    const whole = new MemoryMessageBroker([[Ev, elementsOf(Ev, input)]]);
    await new WaterMill({ process: make(), broker: whole }).run();
    for (const k of crashes) {
      const about = { repeat: repeatBy(seed), k, text, input: JSON.stringify(input) };
      let of: MessageClass<Value> = Ev;
      let values: readonly Value[] = input;
      const late: LateEv[] = [];
      let texts: string[] = [];
      for (const [i, { name }] of stagesOf(make()).entries()) {
        if (i > 0) {
          of = vias.find((via) => via.name === name) as MessageClass<Value>;
          expect({ ...about, name, values }).toEqual({
            ...about,
            name,
            values: whole.written(of).map((each) => ({ ...each })),
          });
        }
        const broker = new MemoryMessageBroker([[of, elementsOf(of, values)]]);
        await runWithCrash(() => stagesOf(make())[i]!.process, broker, k, elements);
        late.push(...broker.written(LateEv));
        texts = broker.written(Text).map((each) => each.text);
        values = vias.flatMap((via) => broker.written(via)).map((each) => ({ ...each }));
      }
      expect({ ...about, texts, late: byText(late) }).toEqual({ ...about, ...expected });
    }
  }
}, 120_000);
