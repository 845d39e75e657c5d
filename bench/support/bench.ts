/** What is measured under one name: ours against a reference, each in processes of its own. */
export interface Measure {
  readonly name: string;
  /** Elements of the input; `--size` replaces it. */
  readonly size: number;
  /** How often each variant runs; `--reps` replaces it. Default: 5. */
  readonly reps?: number;
  readonly ours: Variant;
  readonly reference: Variant;
  /** What is reported, a line each. */
  readonly metrics: readonly Metric[];
}

export interface Variant {
  /** Makes the files that it needs, before its process is started. */
  readonly prepare?: (work: Work) => void;
  /** Does the work once, in a fresh process. */
  readonly run: (work: Work) => Promise<Outcome>;
  /** How many times the measure's size it works on. Default: 1. */
  readonly times?: number;
  /** The limit of its process's heap in MB. Default: Node's. */
  readonly heapMb?: number;
}

export interface Work {
  readonly size: number;
  /** A folder for files, removed after the measure. */
  readonly folder: string;
}

/** What one run of a variant took and gave. */
export interface Outcome {
  readonly seconds: number;
  /** Of all its processes. */
  readonly cpuSeconds: number;
  /** The most memory that the process has had resident until the work was done. */
  readonly residentMb: number;
  /** Stands for the results: two variants did the same work where it is equal. */
  readonly digest: string;
  /** The digest that it should be, where the other variant's work is another. */
  readonly expected?: string;
  /** How long single elements took, where that is measured. */
  readonly latency?: Latency;
}

/** How long half of the elements took at most, and all but one in a hundred. */
export interface Latency {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** One reported number of each variant, and their ratio (ours by the reference's). */
export interface Metric {
  /** What is added to the measure's name. */
  readonly suffix?: string;
  readonly unit: Unit;
  /** What ratio is to be reached, or what value of ours. */
  readonly target?: Target;
  /** What is to be reached on any Node but the oldest supported, 20, where that is something else. */
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

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}
