/** Reproducible random numbers from 0 (included) to 1 (excluded) (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

/** Picks an item at random. */
export function pick<T>(numbers: () => number, from: readonly T[]): T {
  return from[Math.floor(numbers() * from.length)] as T;
}

/**
 * Runs of this many numbers alternate between values close to a border and others, so that a loop that draws until a
 * number fits terminates.
 */
const stretch = 16;
const close = 1 / 1_000;

/**
 * The values of `Math.random()` under a schedule. Those of the seeds 1 and 2 start close to 0 and to 1: a decision that
 * is taken once in a hundred times is taken in the first call.
 */
export function randomNumbers(seed: number): () => number {
  const numbers = seeded(seed);
  if (seed !== 1 && seed !== 2) return numbers;
  let drawn = 0;
  return () => {
    const number = numbers();
    if (drawn++ % (2 * stretch) >= stretch) return number;
    return seed === 1 ? number * close : 1 - (1 - number) * close;
  };
}
