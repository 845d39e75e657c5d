/** How a value changes while the fields that it is computed from never decrease; `jumps`: it rises and starts over. */
export type Monotonicity = 'constant' | 'rises' | 'falls' | 'jumps' | 'unknown';

/** The monotonicity of a sum. */
export function ofSum(a: Monotonicity, b: Monotonicity): Monotonicity {
  if (a === 'constant') return b;
  return b === 'constant' || a === b ? a : 'unknown';
}

/** The monotonicity of a value multiplied or divided by a constant. */
export function ofScaled(value: Monotonicity, factor: number | bigint): Monotonicity {
  if (factor < 0) return ofNegative(value);
  return factor > 0 ? value : 'constant';
}

/** The monotonicity of a negated value. */
export function ofNegative(value: Monotonicity): Monotonicity {
  if (value === 'rises') return 'falls';
  return value === 'falls' ? 'rises' : value;
}
