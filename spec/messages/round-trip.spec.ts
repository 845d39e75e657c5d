import { cases, firstSeed, repeatBy } from '../support/cases.js';
import { Random } from '../support/random.js';
import { randomClass } from './support/random-class.js';
import { variants } from './support/variants.js';

describe.each(variants)('reading back written elements, %s', (_variant, { readerOf, writerOf, plainWriterOf }) => {
  it('returns an equal element, for random classes and values', () => {
    const seed = firstSeed();
    for (let round = 0; round < cases(700); round++) {
      const random = new Random(seed + round);
      const { message, make } = randomClass(random);
      const [read, write, plain] = [readerOf(message), writerOf(message), plainWriterOf(message)];
      for (let i = 0; i < 3; i++) {
        const element = make(random);
        const text = write(element);
        try {
          const back = read(JSON.parse(text));
          expect(back).toBeInstanceOf(message);
          expect(back).toEqual(element);
          expect(plain(element)).toEqual(JSON.parse(text));
        } catch (error) {
          throw new Error(`${repeatBy(seed + round)} spec/messages/round-trip: ${text}`, { cause: error });
        }
      }
    }
  });
});

describe('generated and interpreted code', () => {
  const [generated, interpreted] = variants.map(([, messages]) => messages);

  it('give the same verdict on damaged messages', () => {
    const seed = firstSeed();
    const rounds = cases(700);
    let refused = 0;
    for (let round = 0; round < rounds; round++) {
      const random = new Random(seed + round);
      const { message, make } = randomClass(random);
      const plain = damaged(JSON.parse(generated!.writerOf(message)(make(random))), random);
      const outcomes = [generated!, interpreted!].map((messages) => outcome(() => messages.readerOf(message)(plain)));
      expect([seed + round, outcomes[0]]).toEqual([seed + round, outcomes[1]]);
      if (typeof outcomes[0] === 'string') refused++;
    }
    expect(refused).toBeGreaterThan(rounds / 4);
  });
});

function outcome(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return (error as Error).message;
  }
}

/** Puts an odd value at a random place. */
function damaged(plain: any, random: Random): unknown {
  const keys = Object.keys(plain);
  if (typeof plain !== 'object' || plain === null || keys.length === 0 || random.chance(0.1)) {
    return random.pick([null, undefined, 'x', 1e300, [], {}, [null], true, 1.5, '2026-13-01', Number.NaN]);
  }
  const key = random.pick(keys);
  const copy = Array.isArray(plain) ? [...plain] : { ...plain };
  copy[key] = plain[key] === null ? 'x' : damaged(plain[key], random);
  return copy;
}
