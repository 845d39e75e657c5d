import { seeded } from './seeded.js';

/** So many numbers are close to a border, and so many are not: what draws until a number suits it does not draw forever. */
const stretch = 16;
const close = 1 / 1_000;

/**
 * What `Math.random()` gives under a schedule. Those of the seeds 1 and 2 are close to 0 and to 1 at first: what is decided once
 * in a hundred times is decided otherwise in the first call.
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
