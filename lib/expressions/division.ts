/**
 * Division for key expressions, for numbers and bigints. Dividing a bigint by zero would throw in the middle of a join;
 * NaN is not a valid key, and is reported with the element's position, as for numbers.
 */
export function divide(dividend: any, divisor: any): number | bigint {
  if (divisor === 0n) return Number.NaN;
  return dividend / divisor;
}

/** The greatest whole number that is not above the quotient. */
export function floorDivide(dividend: any, divisor: any): number | bigint {
  if (typeof dividend !== 'bigint') return Math.floor(dividend / divisor);
  if (divisor === 0n) return Number.NaN;
  const quotient = dividend / divisor;
  return dividend % divisor !== 0n && dividend < 0n !== divisor < 0n ? quotient - 1n : quotient;
}

/** The remainder of a floored division, with the sign of the divisor. */
export function floorModulo(dividend: any, divisor: any): number | bigint {
  if (divisor === 0n) return Number.NaN;
  // The compiler assumes that every remainder is a number.
  const rest: any = dividend % divisor;
  const isZero = rest === 0 || rest === 0n;
  if (!isZero && rest < 0 !== divisor < 0) return rest + divisor;
  // JavaScript's remainder of numbers may be a negative zero.
  return isZero && typeof rest === 'number' ? 0 : rest;
}
