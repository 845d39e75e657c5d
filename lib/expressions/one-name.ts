import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';

/** The error for what follows the name of a field: it would be ignored. `start`: `field(Flight, "place")`. */
export function furtherName(start: string, further: readonly unknown[]): WaterMillError {
  const found = shownValue(further[0]);
  return new WaterMillError(
    'WM_EXPRESSION_FIELD',
    `${start} takes one name, and ${found} follows it. For a field of a nested object write ${start}.at(${found}); for a key ` +
      'of several fields tuple(…).',
    { expected: 'one name', found },
  );
}
