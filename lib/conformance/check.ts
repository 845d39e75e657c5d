import type { ConformanceHarness } from './conformance-harness.js';

/** A check, before it knows which broker it is for. */
export interface Check {
  readonly name: string;
  run(harness: ConformanceHarness): Promise<void>;
}
