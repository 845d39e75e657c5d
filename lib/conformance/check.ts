import type { ConformanceHarness } from './conformance-harness.js';

/** A check, independent of a broker. */
export interface Check {
  readonly name: string;
  /** It reads a stream a second time from its beginning. Default: false. */
  readonly rereads?: boolean;
  run(harness: ConformanceHarness): Promise<void>;
}
