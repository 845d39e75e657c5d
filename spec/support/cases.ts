/**
 * How many random cases a test runs: `quick` in `npm test`, a share of that in `npm run test:lts`;
 * `npm run test:deep -- --cases N` says another number.
 */
export function cases(quick: number): number {
  return Number(process.env.WATERMILL_CASES ?? Math.ceil(quick * share()));
}

/** As `cases`, for one of several tests that share the number which the command says. */
export function shareOfCases(quick: number, tests: number): number {
  return isDeep() ? Math.ceil(cases(quick) / tests) : cases(quick);
}

/**
 * How far apart the places are at which a test crashes that could crash at each: `quick` in `npm test`, further in
 * `npm run test:lts`; `npm run test:deep` crashes at every one.
 */
export function stride(quick: number): number {
  return isDeep() ? 1 : Math.ceil(quick / share());
}

/** Which part of what `npm test` tries: less than 1 where it has run and something else runs it again. */
function share(): number {
  return Number(process.env.WATERMILL_SHARE ?? 1);
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
