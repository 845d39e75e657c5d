import type { Class } from '../../base/class.js';

/** The results of one class. */
export interface MemoryOutput {
  readonly message: Class;
  readonly elements: object[];
  ended: boolean;
}

/** What one mill, however often it is run, has written to a broker and committed. */
export interface MemoryProgress {
  readonly outputs: readonly MemoryOutput[];
  committed: string | undefined;
}
