/** How many random cases a test runs: `quick` in `npm test`; `npm run test:deep -- --cases N` says another number. */
export function cases(quick: number): number {
  return Number(process.env.WATERMILL_CASES ?? quick);
}

/** Where random numbers begin: the same in every `npm test`; `npm run test:deep -- --seed S` begins elsewhere. */
export function firstSeed(): number {
  return Number(process.env.WATERMILL_SEED ?? 1);
}
