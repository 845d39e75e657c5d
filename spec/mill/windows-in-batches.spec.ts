import {
  Field,
  field,
  hoppingWindow,
  Message,
  message,
  processFunction,
  sessionWindow,
  slidingWindow,
  tumblingWindow,
  WaterMill,
  window,
} from 'watermill';
import { rejection } from './support/rejection.js';
import { ScriptedBroker } from './support/scripted-broker.js';

@Message()
class Part {
  @Field() first!: number;
  @Field() count!: number;
}

const gap = 10;

/**
 * Ties, pauses of exactly the gap, and longer ones: those at the ends of batches, and of the 256 elements whose keys are
 * read at once.
 */
function timesOf(count: number): number[] {
  const isEnd = (i: number): boolean => [256, 257, 512, 1024].some((size) => i % size === 0);
  const isNearEnd = (i: number): boolean => [-1, 1].some((distance) => isEnd(i + distance));
  let time = 0;
  return Array.from({ length: count }, (_, i) => {
    if (i > 0) time += isEnd(i) ? gap + 1 : isNearEnd(i) ? gap : i % 40 === 0 ? gap + 5 : i % 3 === 0 ? 0 : 1;
    return time;
  });
}

const times = timesOf(1100);

/** The windows of each kind, as the numbers of their elements. */
const byHand: Record<string, number[][]> = {
  session: stretches((i) => (times[i] as number) - (times[i - 1] as number) <= gap),
  'by expression': stretches((i) => half(i) === half(i - 1)),
  tumbling: stretches((i) => number(i, 25) === number(i - 1, 25)),
  hopping: Array.from({ length: number(times.length - 1, 5) + 5 }, (_, k) => (k - 4) * 5)
    .map((start) => within(start, start + 19))
    .filter((members) => members.length > 0),
  sliding: times.map((time, i) => within(time - gap, time).filter((j) => j <= i)),
};

function half(i: number): number {
  return Math.floor((times[i] as number) / 2);
}

function number(i: number, size: number): number {
  return Math.floor((times[i] as number) / size);
}

function within(from: number, to: number): number[] {
  return times.flatMap((time, i) => (time >= from && time <= to ? [i] : []));
}

function stretches(continues: (i: number) => boolean): number[][] {
  const found: number[][] = [];
  times.forEach((_, i) => {
    if (i > 0 && continues(i)) found.at(-1)?.push(i);
    else found.push([i]);
  });
  return found;
}

interface Keys {
  readonly type: unknown;
  readonly keyOf: (time: number) => unknown;
  /** A distance between two keys. */
  readonly far: (distance: number) => any;
}

const far = 2 ** 49 - (2 ** 49 % 200);
const kinds: Record<string, Keys> = {
  numbers: { type: Number, keyOf: (time) => time, far: Number },
  fractions: { type: Number, keyOf: (time) => time / 4, far: (distance) => distance / 4 },
  'huge numbers': { type: Number, keyOf: (time) => far + time, far: Number },
  bigints: { type: BigInt, keyOf: BigInt, far: BigInt },
  Dates: { type: Date, keyOf: (time) => new Date(time), far: Number },
};

function setUp({ type, keyOf, far }: Keys) {
  class Reading {
    at!: any;
    n!: number;
  }
  Field(() => type as any)(Reading.prototype, 'at');
  Field(() => Number)(Reading.prototype, 'n');
  Message({ name: 'Reading' })(Reading);
  const at: any = field(Reading, 'at');
  return {
    Reading,
    elements: times.map((time, n) => message(Reading as any, { at: keyOf(time), n })),
    windows: {
      session: () => sessionWindow(Reading, at, { gap: far(gap) }),
      'by expression': () => window(Reading, at.floorDiv(far(2))),
      tumbling: () => tumblingWindow(Reading, at, { size: far(25) }),
      hopping: () => hoppingWindow(Reading, at, { size: far(20), every: far(5) }),
      sliding: () => slidingWindow(Reading, at, { size: far(gap) }),
    } as Record<string, () => any>,
  };
}

describe.each(Object.entries(kinds))('windows over batches: %s', (_, keys) => {
  const { Reading, elements, windows } = setUp(keys);

  /** The windows that a process is called with; it empties their arrays, and fails at the call with this number. */
  function millOver(broker: ScriptedBroker, name: string, seen: number[][], failsAt = Number.POSITIVE_INFINITY) {
    const call = (members: any[]): Part => {
      if (seen.length === failsAt) throw new Error('not now');
      const all = members.splice(0).map(({ n }) => n as number);
      seen.push(all);
      return message(Part, { first: all[0] as number, count: all.length });
    };
    const process = processFunction((windows[name] as () => any)(), { emits: [Part] }, call as any);
    return new WaterMill({ process, broker, commitEvery: { elements: 100 } } as any);
  }

  it.each(Object.keys(byHand))('%s: of every size of batches, the same as by hand', async (name) => {
    for (const batchSize of [1, 256, 257, 1024]) {
      const seen: number[][] = [];
      const report = await millOver(new ScriptedBroker([[Reading, elements]], { batchSize }), name, seen).run();
      expect(seen).toEqual(byHand[name]);
      expect(report).toMatchObject({ calls: seen.length });
    }
  });

  it.each(Object.keys(byHand))('%s: after a call that failed, exactly the calls that were not made', async (name) => {
    const want = byHand[name] as number[][];
    for (const failsAt of [0, 5, 64, want.length - 1]) {
      const broker = new ScriptedBroker([[Reading, elements]], { batchSize: 512 });
      const before: number[][] = [];
      const error = await rejection(millOver(broker, name, before, Math.min(failsAt, want.length - 1)).run());
      expect(error.code).toBe('WM_PROCESS_FAILED');
      const after: number[][] = [];
      await millOver(broker, name, after).run();
      expect([...before, ...after]).toEqual(want);
      expect(broker.written(Part).map(({ first }) => first)).toEqual(want.map(([first]) => first));
    }
  });
});
