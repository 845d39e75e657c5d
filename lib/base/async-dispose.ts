/**
 * The key of the method that `await using` calls. Node 20 and 22 define `Symbol.asyncDispose` themselves, but not in
 * other contexts, such as those in which vitest runs tests with the pool vmThreads; build tools use this symbol there.
 */
export const asyncDispose: typeof Symbol.asyncDispose =
  Symbol.asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as typeof Symbol.asyncDispose);
