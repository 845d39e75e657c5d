/**
 * Whether the package that `require` would load here was loaded before, by the program; true if that cannot be told. In
 * bundles, which hold their packages, `scripts/build.mjs` makes it true.
 */
export function isLoaded(name: string): boolean {
  try {
    return require.cache === undefined || require.resolve(name) in require.cache;
  } catch {
    // There is none.
    return false;
  }
}
