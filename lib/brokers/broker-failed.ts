import { thrownSentence } from '../base/thrown.js';
import { isWaterMillError, WaterMillError } from '../base/watermill-error.js';

/**
 * The error for something that a broker threw: unchanged if it is a WaterMillError, otherwise one that names the broker
 * and the operation.
 */
export function brokerError(cause: unknown, broker: string, work: string): WaterMillError {
  if (isWaterMillError(cause)) return cause;
  return new WaterMillError(
    'WM_BROKER_FAILED',
    `${broker} failed while ${work}: ${thrownSentence(cause)}`,
    { broker },
    { cause },
  );
}

/** Runs an operation of a broker. Errors, thrown or rejected, are wrapped as by `brokerError`. */
export async function whenWorking<T>(broker: string, work: string, start: () => T | Promise<T>): Promise<T> {
  try {
    return await start();
  } catch (error) {
    throw brokerError(error, broker, work);
  }
}
