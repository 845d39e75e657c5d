/**
 * Returns the number of random cases of a test: `quick` in `npm test`, a fraction of that in `npm run test:lts`; `npm
 * run test:deep -- --cases N` sets another number.
 */
export function cases(quick: number): number {
  return Number(process.env.WATERMILL_CASES ?? Math.ceil(quick * share()));
}

/** Like `cases`, for one of several tests that share the number given in the command. */
export function shareOfCases(quick: number, tests: number): number {
  return isDeep() ? Math.ceil(cases(quick) / tests) : cases(quick);
}

/**
 * Returns the distance of the places at which a test crashes: `quick` in `npm test`, larger in `npm run test:lts`; `npm
 * run test:deep` crashes at every place.
 */
export function stride(quick: number): number {
  return isDeep() ? 1 : Math.ceil(quick / share());
}

/** The fraction of the cases of `npm test`: less than 1 in repeated runs. */
function share(): number {
  return Number(process.env.WATERMILL_SHARE ?? 1);
}

/** The first seed: the same in every `npm test`; set by `npm run test:deep -- --seed S`. */
export function firstSeed(): number {
  return Number(process.env.WATERMILL_SEED ?? 1);
}

/** This is `npm run test:deep`, which is thorough. */
export function isDeep(): boolean {
  return process.env.WATERMILL_CASES !== undefined;
}

/** Returns the command that repeats a random case. */
export function repeatBy(seed: number): string {
  return `npm run test:deep -- --seed ${seed} --cases 1`;
}

/** Checks a number of random cases. The error of one that fails begins with the command that repeats it. */
export async function checkCases(count: number, check: (seed: number) => Promise<unknown>): Promise<void> {
  for (let seed = firstSeed(); seed < firstSeed() + count; seed++) {
    try {
      await check(seed);
    } catch (error) {
      throw new Error(`${repeatBy(seed)}: ${(error as Error).message}`, { cause: error });
    }
  }
}
