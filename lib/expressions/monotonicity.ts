/** How a value goes while the fields under it never decrease; `jumps` goes up and starts again. */
export type Monotonicity = 'constant' | 'rises' | 'falls' | 'jumps' | 'unknown';

/** Of a sum. */
export function together(a: Monotonicity, b: Monotonicity): Monotonicity {
  if (a === 'constant') return b;
  return b === 'constant' || a === b ? a : 'unknown';
}

/** Of what is multiplied by a constant, or divided by it. */
export function scaled(course: Monotonicity, factor: number | bigint): Monotonicity {
  if (factor < 0) return turned(course);
  return factor > 0 ? course : 'constant';
}

/** Of the negative of a value. */
export function turned(course: Monotonicity): Monotonicity {
  if (course === 'rises') return 'falls';
  return course === 'falls' ? 'rises' : course;
}
