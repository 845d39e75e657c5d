/** What a lane is waiting for: more of its inputs, a call in progress, results to be saved, or a broker that writes. */
export interface Waiting {
  /** The name of the lane: the number of a partition; `0` for files and memory. */
  readonly lane: string;
  readonly for: 'input' | 'call' | 'saves' | 'output';
  /** For `input`: the message classes that may help, the most likely first. */
  readonly awaited: readonly string[];
  /** For `input`: the message classes that have elements waiting; empty if all are silent. */
  readonly waiters: readonly string[];
  /** The duration, by the mill's clock. A call is noticed only when it is checked. */
  readonly forMs: number;
  /** The lane is blocked. False if it has done everything it can, and its inputs are silent. */
  readonly isHeldUp: boolean;
  /** The same in words. */
  readonly sentence: string;
}

/** A duration in words. */
export function inSeconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 1000)} s`;
}
