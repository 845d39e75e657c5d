/**
 * Returns whether the program has already loaded the package that `require` would load here; true if that cannot be
 * determined. `scripts/build.mjs` makes it true in bundles, which contain their packages.
 */
export function isLoaded(name: string): boolean {
  try {
    return require.cache === undefined || require.resolve(name) in require.cache;
  } catch {
    // The package is not installed.
    return false;
  }
}
