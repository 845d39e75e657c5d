/** What a lane waits for: more of its inputs, a call in progress, results that must be saved, or a broker that writes. */
export interface Waiting {
  /** The lane's name: a partition's number; `0` for files and memory. */
  readonly lane: string;
  readonly for: 'input' | 'call' | 'saves' | 'output';
  /** For `input`: the message classes of which any may help, the most likely first. */
  readonly awaited: readonly string[];
  /** For `input`: the message classes that have elements waiting; empty if all are silent. */
  readonly waiters: readonly string[];
  /** For this long, by the mill's clock. A call is noticed only when it is checked. */
  readonly forMs: number;
  /** Something is blocked: false if the lane has done all that it can, and its inputs are silent. */
  readonly isHeldUp: boolean;
  /** The same in words. */
  readonly sentence: string;
}

/** A duration as people say it. */
export function inSeconds(ms: number): string {
  return ms < 10_000 ? `${Math.round(ms / 100) / 10} s` : `${Math.round(ms / 1000)} s`;
}
