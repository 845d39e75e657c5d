/** How many random cases a test runs: `quick` in `npm test`, `deep` in `npm run test:deep`. */
export function cases(quick: number, deep: number): number {
  return process.env.WATERMILL_DEEP === '1' ? deep : quick;
}
