import { WaterMillError } from '../../lib/base/watermill-error.js';

/** The code and the sentence of the error that is thrown; fails where none is, or one of another kind. */
export function refusal(act: () => unknown): { code: string; message: string } {
  try {
    act();
  } catch (error) {
    if (error instanceof WaterMillError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('nothing was refused');
}
