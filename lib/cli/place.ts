import type { Batch } from '../brokers/batch.js';

/** Where an element of a file is: its line, or its number in an array. */
export function placeOf(batch: Batch, index: number): string {
  const line = batch.origin?.(index)?.line;
  return line === undefined ? `element ${batch.positions?.[index] ?? batch.first + index}` : `line ${line}`;
}
