import { reasonOf } from '../base/thrown.js';
import { isWaterMillError, WaterMillError } from '../base/watermill-error.js';

/** What a broker threw, as it is where it has its own message, else in one that names the broker and its work. */
export function brokerError(cause: unknown, broker: string, work: string): WaterMillError {
  if (isWaterMillError(cause)) return cause;
  return new WaterMillError(
    'WM_BROKER_FAILED',
    `${broker} failed while ${work}: ${reasonOf(cause)}.`,
    { broker },
    { cause },
  );
}

/** Does a broker's work; what it throws, at once or later, is wrapped as `brokerError` does. */
export async function whenWorking<T>(broker: string, work: string, start: () => T | Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw brokerError(error, broker, work);
  }
}
