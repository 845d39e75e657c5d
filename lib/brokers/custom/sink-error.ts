import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';

/** A sink threw, or its promise was rejected. */
export function sinkFailed(label: string, cause: unknown, what: string): WaterMillError {
  const found = reasonOf(cause);
  return new WaterMillError(
    'WM_SINK_FAILED',
    `${label.charAt(0).toUpperCase()}${label.slice(1)} failed at ${what}: ${found}. ` +
      'Positions were not moved past it: the next run gives it again.',
    { stream: label, found },
    { cause },
  );
}
