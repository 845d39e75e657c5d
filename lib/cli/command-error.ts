import { WaterMillError } from '../base/watermill-error.js';

/** What keeps a command from beginning: its arguments, or what they name. */
export function commandError(sentence: string, details: Record<string, unknown> = {}, cause?: unknown): WaterMillError {
  return new WaterMillError('WM_COMMAND', sentence, details, cause === undefined ? undefined : { cause });
}
