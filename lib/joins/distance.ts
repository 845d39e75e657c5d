/** The distance between two keys: in the unit of the keys; for Dates in milliseconds. */
export type KeyDistance = number | bigint;

/** The distance between two keys: a number for numbers, a bigint for bigints, milliseconds for Dates. */
export type Distance<V> = V extends Date ? number : V extends number | bigint ? V : NoDistance;

/** The compiler's error for keys without distances. */
export type NoDistance = 'WaterMill: only number, bigint and Date keys have distances';

/** Widens a literal type, so that a size need not be exactly the number that a key returns. */
export type Widen<V> = V extends number
  ? number
  : V extends bigint
    ? bigint
    : V extends string
      ? string
      : V extends boolean
        ? boolean
        : V;
