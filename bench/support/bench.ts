/** A measurement: ours compared with a reference, each in separate processes. */
export interface Measure {
  readonly name: string;
  /** Elements of the input; `--size` replaces it. */
  readonly size: number;
  /** The number of runs of each variant; `--reps` replaces it. Default: 5. */
  readonly reps?: number;
  readonly ours: Variant;
  readonly reference: Variant;
  /** The reported metrics, one line each. */
  readonly metrics: readonly Metric[];
}

export interface Variant {
  /** Creates the required files, before the process is started. */
  readonly prepare?: (work: Work) => void;
  /** Does the work once, in a fresh process. */
  readonly run: (work: Work) => Promise<Outcome>;
  /** The multiple of the measure's size. Default: 1. */
  readonly times?: number;
  /** The limit of its process's heap in MB. Default: Node's. */
  readonly heapMb?: number;
}

export interface Work {
  readonly size: number;
  /** A folder for files, removed after the measure. */
  readonly folder: string;
}

/** The costs and results of one run of a variant. */
export interface Outcome {
  readonly seconds: number;
  /** The CPU seconds of all its processes. */
  readonly cpuSeconds: number;
  /** The maximum resident memory of the process until the work was done. */
  readonly residentMb: number;
  /** A digest of the results: two variants did the same work if it is equal. */
  readonly digest: string;
  /** The expected digest, if the work of the other variant differs. */
  readonly expected?: string;
  /** The latency of single elements, if it is measured. */
  readonly latency?: Latency;
}

/** The median latency, and the 99th percentile. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** A reported number of each variant, and their ratio (ours divided by the reference's). */
export interface Metric {
  /** A suffix of the measure's name. */
  readonly suffix?: string;
  readonly unit: Unit;
  /** The target for the ratio, or for our value. */
  readonly target?: Target;
  /** The target on Node versions newer than the oldest supported one, 20, if it differs. */
  readonly ltsTarget?: Target;
}

export type Unit =
  | 'elements/s'
  | 'ns/element'
  | 'elements/CPU s'
  | 'CPU ns/element'
  | 'ms'
  | 'ms p50'
  | 'ms p99'
  | 'MB resident';

export type Target =
  | { readonly ratioAtLeast: number }
  | { readonly ratioAtMost: number }
  | { readonly oursAtMost: number };

/** Returns the median of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
