import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';

/** Refuses what follows the name of a field: it would be ignored. `start`: `field(Flight, "place")`. */
export function refuseFurtherNames(start: string, further: readonly unknown[]): void {
  if (further.length === 0) return;
  const found = shownValue(further[0]);
  throw new WaterMillError(
    'WM_EXPRESSION_FIELD',
    `${start} takes one name, and ${found} follows it. For a field of a nested object write ${start}.at(${found}); for a key ` +
      'of several fields tuple(…).',
    { expected: 'one name', found },
  );
}
