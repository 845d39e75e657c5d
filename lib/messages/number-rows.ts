/**
 * Values that are flat objects with the same members, all finite numbers, stored row by row. Objects are made only on
 * demand: the reader of a class of numbers makes its elements directly from the rows.
 */
export interface NumberRows {
  /** The names of the members, in order. */
  readonly names: readonly string[];
  /** The numbers of the first row, in the order of the names, then those of the second row, and so on. */
  readonly cells: Float64Array;
  readonly count: number;
}

/** The objects that `JSON.parse` would return for the rows. */
export function objectsOf({ names, cells, count }: NumberRows): object[] {
  const objects: object[] = [];
  for (let row = 0, cell = 0; row < count; row++) {
    const object: Record<string, number> = {};
    for (const name of names) object[name] = cells[cell++] as number;
    objects.push(object);
  }
  return objects;
}
