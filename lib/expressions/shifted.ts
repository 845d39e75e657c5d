/**
 * The sum of a key and a constant that is not zero. NaN, which is not a valid key, if the key is so large that adding it
 * changes nothing: otherwise a stream would be joined with itself at the same time.
 */
export function shifted(key: any, constant: any): number | bigint {
  const sum = key + constant;
  return sum === key ? Number.NaN : sum;
}
