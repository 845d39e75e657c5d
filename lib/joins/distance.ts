/** How far apart two keys are: a number for numbers, a bigint for bigints, milliseconds for Dates. */
export type Distance<V> = V extends Date ? number : V extends number | bigint ? V : NoDistance;

/** What the compiler shows where keys have none. */
export type NoDistance = 'WaterMill: only number, bigint and Date keys have distances';

/** A literal type as the type it is of, so that a size is not asked to be the very number that a key gives. */
export type Widen<V> = V extends number
  ? number
  : V extends bigint
    ? bigint
    : V extends string
      ? string
      : V extends boolean
        ? boolean
        : V;
