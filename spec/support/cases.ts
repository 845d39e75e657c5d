/** How many random cases a test runs: `quick` in `npm test`; `npm run test:deep -- --cases N` says another number. */
export function cases(quick: number): number {
  return Number(process.env.WATERMILL_CASES ?? quick);
}

/** As `cases`, for one of several tests that share the number which the command says. */
export function shareOfCases(quick: number, tests: number): number {
  return isDeep() ? Math.ceil(cases(quick) / tests) : quick;
}

/** Where random numbers begin: the same in every `npm test`; `npm run test:deep -- --seed S` begins elsewhere. */
export function firstSeed(): number {
  return Number(process.env.WATERMILL_SEED ?? 1);
}

/** Whether this is `npm run test:deep`, which has the time to look at everything. */
export function isDeep(): boolean {
  return process.env.WATERMILL_CASES !== undefined;
}

/** What to type to see a random case again. */
export function repeatBy(seed: number): string {
  return `npm run test:deep -- --seed ${seed} --cases 1`;
}
