import type { FieldOptions } from '../../../lib/messages/declarations.js';
import { Field, Message } from '../../../lib/messages/index.js';
import type { Random } from '../../support/random.js';

interface RandomType {
  readonly reference: any;
  /** Further options of its field. */
  readonly options?: FieldOptions;
  readonly make: (random: Random) => unknown;
}

export interface RandomClass {
  readonly message: new () => any;
  /** Creates an element with random fields; optional ones are sometimes left out. */
  readonly make: (random: Random) => object;
}

const texts = ['', 'a', '"quoted"', '\\', '\n\u0000', '\ud800', '😀', '\u2028', 'é'.repeat(50), '__proto__', '-0'];
const numbers = [0, -0, 1, -1.5, 1e21, 5e-324, Number.MAX_VALUE, 2 ** 53, 0.1, 1e-7];
const names = ['constructor', 'toString', 'a b', 'x-1', '"', 'é', '0', 'hasOwnProperty', 'valueOf'];

const scalars: readonly RandomType[] = [
  { reference: Number, make: (random) => (random.chance(0.5) ? random.pick(numbers) : random.float() * 1e6) },
  { reference: String, make: (random) => random.pick(texts) },
  { reference: Boolean, make: (random) => random.chance(0.5) },
  {
    reference: BigInt,
    make: (random) => BigInt(random.int(2 ** 31)) ** BigInt(random.int(5)) * (random.chance(0.5) ? 1n : -1n),
  },
  { reference: Date, make: (random) => new Date(random.pick([0, -1, 8.64e15, -8.64e15, random.int(2 ** 31) * 1000])) },
  { reference: BigInt, options: { iso: 'us' }, make: (random) => instant(random, 1_000n) },
  { reference: BigInt, options: { iso: 'ns' }, make: (random) => instant(random, 1_000_000n) },
  { reference: { A: 'a', B: 2, C: false }, make: (random) => random.pick(['a', 2, false]) },
  { reference: Object, make: (random) => randomJson(random, 3) },
];

/** Returns an instant in the range of Date: the first and the last instant, and near 1970 on both sides. */
function instant(random: Random, perMillisecond: bigint): bigint {
  const range = 8_640_000_000_000_000n * perMillisecond;
  const near = BigInt(random.int(2 ** 31)) - BigInt(2 ** 30);
  const far = BigInt(Math.floor((random.float() * 2 - 1) * 8.64e15)) * perMillisecond + BigInt(random.int(1000));
  return random.pick([0n, -1n, 1n, range, -range, near, far]);
}

function randomJson(random: Random, depth: number): unknown {
  const kind = random.int(depth > 0 ? 6 : 4);
  if (kind === 0) return random.pick(texts);
  if (kind === 1) return random.pick(numbers);
  if (kind === 2) return random.chance(0.5);
  if (kind === 3) return null;
  const members = Array.from({ length: random.int(4) }, () => randomJson(random, depth - 1));
  return kind === 4
    ? members
    : JSON.parse(`{${members.map((_, i) => `"${random.pick(['k', '__proto__', 'toString'])}${i}":1`)}}`);
}

function randomType(random: Random, depth: number): RandomType {
  const choice = random.int(10);
  if (choice === 0 && depth > 0) {
    const inner = randomClass(random, depth - 1);
    return { reference: inner.message, make: inner.make };
  }
  if (choice <= 2) {
    const element = randomType(random, depth - 1);
    return {
      reference: [element.reference],
      ...(element.options && { options: element.options }),
      make: (some) => Array.from({ length: some.int(4) }, () => element.make(some)),
    };
  }
  return random.pick(scalars);
}

/** Creates a class with random fields, with the decorators as plain functions. */
export function randomClass(random: Random, depth = 2): RandomClass {
  const fields = Array.from({ length: random.int(7) }, (_, i) => {
    const type = randomType(random, depth);
    const [optional, nullable] = [random.chance(0.3), random.chance(0.3)];
    const ownValue = random.chance(0.2) ? type.make(random) : undefined;
    return {
      property: `f${i}`,
      name: random.chance(0.3) ? `${random.pick(names)}${i}` : undefined,
      type,
      optional,
      nullable,
      ownValue,
    };
  });
  class Made {
    [property: string]: unknown;
    constructor() {
      for (const { property, ownValue } of fields) if (ownValue !== undefined) this[property] = ownValue;
    }
  }
  for (const { property, name, type, optional, nullable } of fields) {
    Field(() => type.reference, { ...type.options, optional, nullable, ...(name !== undefined && { name }) })(
      Made.prototype,
      property,
    );
  }
  Message({ strict: random.chance(0.3) })(Made);
  const make = (some: Random): object => {
    const element = new Made();
    for (const { property, type, optional, nullable, ownValue } of fields) {
      if (nullable && some.chance(0.2)) element[property] = null;
      else if (optional && some.chance(0.3) && !(ownValue !== undefined && nullable)) element[property] = undefined;
      else element[property] = presentValue(type, optional && !nullable, some);
    }
    return element;
  };
  return { message: Made, make };
}

/** null in free JSON means undefined if the field is optional. */
function presentValue(type: RandomType, noNull: boolean, random: Random): unknown {
  const value = type.make(random);
  return value === null && noNull ? 0 : value;
}
