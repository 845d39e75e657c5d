import { WaterMillError } from '../base/watermill-error.js';

/** The error for a command that cannot start, because of its arguments or what they refer to. */
export function commandError(sentence: string, details: Record<string, unknown> = {}, cause?: unknown): WaterMillError {
  return new WaterMillError('WM_COMMAND', sentence, details, cause === undefined ? undefined : { cause });
}
