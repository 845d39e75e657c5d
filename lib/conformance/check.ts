import type { ConformanceHarness } from './conformance-harness.js';

/** A check, before it knows which broker it is for. */
export interface Check {
  readonly name: string;
  /** It reads a stream a second time from its beginning. Default: false. */
  readonly rereads?: boolean;
  run(harness: ConformanceHarness): Promise<void>;
}
