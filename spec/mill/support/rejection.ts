import { WaterMillError } from 'watermill';

/** The WaterMillError that a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<WaterMillError> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof WaterMillError) return error;
    throw error;
  }
  throw new Error('It resolved, and should have been rejected.');
}
