import { type BatchRequest, BatchStream } from 'watermill/batches';
import { cases, firstSeed } from '../support/cases.js';
import { Random } from '../support/random.js';
import { PoweredDisk, PowerFailed } from './powered-disk.js';

const total = 12;

/** A source of numbers, with more at each read; `idle` counts the reads without new ones. */
class Growing {
  idle = 0;
  private there = 0;

  constructor(private readonly random: Random) {}

  read({ after = 0, to }: BatchRequest<number>) {
    this.there = Math.min(total, this.there + this.random.int(3));
    const end = to ?? Math.min(this.there, after + 3);
    if (end === total && after === total) this.idle++;
    return end <= after ? undefined : { data: Array.from({ length: end - after }, (_, i) => after + i), to: end };
  }
}

/** Runs over a disk that loses its power again and again. Returns the calls by id. */
async function run(seed: number, keep: number): Promise<Map<number, unknown[]>> {
  const random = new Random(seed);
  const disk = new PoweredDisk(random);
  const seen = new Map<number, unknown[]>();
  const sources = { a: new Growing(random), b: new Growing(random) };
  const isOver = (): boolean => sources.a.idle > 5 && sources.b.idle > 5;
  try {
    for (let life = 0; !isOver(); life++) {
      // The last lives are not interrupted.
      disk.dieAt = life < 12 ? 1 + random.int(40) : Number.POSITIVE_INFINITY;
      const stream: BatchStream<Record<'a' | 'b', number[]>> = new BatchStream({
        sources,
        directory: 'state',
        keep,
        catchUp: true,
        clock: clockOf(isOver, () => stream.stop()),
      });
      const calls = stream.run((batches, { id }) => {
        if (disk.calls >= disk.dieAt) return;
        seen.set(id, [...(seen.get(id) ?? []), batches]);
        if (random.chance(0.1)) throw new PowerFailed('in a call');
      });
      await calls.catch((error) => {
        const cause = (error as { cause?: unknown }).cause ?? error;
        if (!(cause instanceof PowerFailed)) throw error;
      });
      disk.powerOn();
    }
  } finally {
    disk.restore();
  }
  return seen;
}

/** A clock without waits, which stops when everything is read. */
const clockOf = (isOver: () => boolean, stop: () => unknown) => ({
  now: () => 0,
  setTimer: (_: number, callback: () => void) => {
    const timer = setImmediate(() => {
      if (isOver()) stop();
      callback();
    });
    return () => clearImmediate(timer);
  },
});

describe('a batch stream after a power failure at any moment', () => {
  it('calls each batch with the same data, in the order of ids, and every element once', async () => {
    for (let seed = firstSeed(), left = cases(150); left > 0; seed++, left--) {
      const seen = await run(seed, 1 + (seed % 3));
      const all: Record<string, number[]> = { a: [], b: [] };
      for (const calls of seen.values()) {
        const [first] = calls as Record<string, number[]>[];
        expect({ seed, calls }).toEqual({ seed, calls: calls.map(() => first) });
        for (const [name, numbers] of Object.entries(first!)) all[name]!.push(...(numbers ?? []));
      }
      const numbers = Array.from({ length: total }, (_, i) => i);
      expect({ seed, all }).toEqual({ seed, all: { a: numbers, b: numbers } });
      expect([...seen.keys()]).toEqual([...seen.keys()].sort((a, b) => a - b));
    }
  });
});
