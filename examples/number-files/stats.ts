/** Returns count, mean and standard deviation of whole numbers, as exactly as possible: the sums are whole. */
export function statsOf(numbers: readonly number[]): { count: number; mean: number; stdev: number } {
  const count = numbers.length;
  const sum = numbers.reduce((before, number) => before + number, 0);
  const squares = numbers.reduce((before, number) => before + number * number, 0);
  return {
    count,
    mean: count < 1 ? 0 : sum / count,
    stdev: count < 2 ? 0 : Math.sqrt((count * squares - sum * sum) / (count * (count - 1))),
  };
}
