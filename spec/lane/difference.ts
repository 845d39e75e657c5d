import type { RandomCase } from '../oracle/random-case.js';
import { repeatBy } from '../support/cases.js';

/** A difference between the lane and the oracle, with everything needed to reproduce it. */
export class Difference extends Error {
  constructor(
    readonly what: string,
    { seed, root, data }: RandomCase,
    more: object,
  ) {
    super(
      `${what}, seed ${seed}\n${JSON.stringify(more)}\n` +
        `To see it again: ${repeatBy(seed)}\n` +
        `To keep it: save this line as spec/lane/fixtures/WHAT-IT-SHOWS.json\n${JSON.stringify({ seed, root, data })}`,
    );
  }
}
