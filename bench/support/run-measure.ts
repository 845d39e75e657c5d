import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Measure, type Metric, median, type Outcome, type Target, type Unit } from './bench.js';
import { type ProcessOptions, runVariant } from './run-variant.js';

const variants = ['ours', 'reference'] as const;

export interface MeasureOptions extends ProcessOptions {
  readonly size: number | undefined;
  readonly reps: number | undefined;
  /** The variants run on the oldest supported Node. */
  readonly isNode20: boolean;
}

/** One measured number, as printed. */
export interface Line {
  readonly name: string;
  readonly ours: number;
  readonly reference: number;
  readonly ratio: number;
  readonly unit: string;
  readonly target?: string;
  readonly reached?: boolean;
  readonly size: number;
  readonly reps: number;
}

/** Runs both variants in turn, compares their results, and computes the medians. */
export async function runMeasure(bench: string, measure: Measure, options: MeasureOptions): Promise<Line[]> {
  const size = options.size ?? measure.size;
  const reps = options.reps ?? measure.reps ?? 5;
  const outcomes = { ours: [] as Outcome[], reference: [] as Outcome[] };
  const folder = mkdtempSync(path.join(tmpdir(), 'watermill-bench-'));
  try {
    for (let rep = 0; rep < reps; rep++) {
      // The order alternates, so that neither profits from a warm machine.
      for (const variant of rep % 2 === 0 ? variants : variants.toReversed()) {
        const work = { size: size * (measure[variant].times ?? 1), folder };
        measure[variant].prepare?.(work);
        outcomes[variant].push(await runVariant(bench, measure, variant, work, options));
      }
      compare(measure.name, outcomes.ours[rep] as Outcome, outcomes.reference[rep] as Outcome);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return measure.metrics.map((metric) => lineOf(measure, metric, targetOf(metric, options), outcomes, size, reps));
}

/** Checks that the results are the same: otherwise times are not comparable. */
function compare(name: string, ours: Outcome, reference: Outcome): void {
  const pairs = [
    ['ours', ours.digest, ours.expected ?? reference.digest],
    ['the reference', reference.digest, reference.expected ?? reference.digest],
  ];
  for (const [who, found, expected] of pairs) {
    if (found !== expected)
      throw new Error(`${name}: the results of ${who} are wrong: ${found} instead of ${expected}.`);
  }
}

function targetOf({ target, ltsTarget }: Metric, { isNode20 }: MeasureOptions): Target | undefined {
  return isNode20 ? target : (ltsTarget ?? target);
}

function lineOf(
  measure: Measure,
  metric: Metric,
  target: Target | undefined,
  outcomes: Record<(typeof variants)[number], readonly Outcome[]>,
  size: number,
  reps: number,
): Line {
  const middle = (variant: 'ours' | 'reference') => {
    const elements = size * (measure[variant].times ?? 1);
    return median(outcomes[variant].map((outcome) => inUnit(metric.unit, outcome, elements)));
  };
  const [ours, reference] = [middle('ours'), middle('reference')];
  const ratio = ours / reference;
  const { suffix, unit } = metric;
  return {
    name: suffix === undefined ? measure.name : `${measure.name} ${suffix}`,
    ours: rounded(ours),
    reference: rounded(reference),
    ratio: Number(ratio.toFixed(2)),
    unit,
    ...(target && { target: inWords(target), reached: isReached(target, ratio, ours) }),
    size,
    reps,
  };
}

function inUnit(unit: Unit, { seconds, cpuSeconds, residentMb, latency }: Outcome, elements: number): number {
  switch (unit) {
    case 'elements/s':
      return elements / seconds;
    case 'ns/element':
      return (seconds * 1e9) / elements;
    case 'elements/CPU s':
      return elements / cpuSeconds;
    case 'CPU ns/element':
      return (cpuSeconds * 1e9) / elements;
    case 'ms':
      return seconds * 1e3;
    case 'ms p50':
      return latency?.p50Ms ?? Number.NaN;
    case 'ms p99':
      return latency?.p99Ms ?? Number.NaN;
    case 'MB resident':
      return residentMb;
  }
}

function isReached(target: Target, ratio: number, ours: number): boolean {
  if ('ratioAtLeast' in target) return ratio >= target.ratioAtLeast;
  return 'ratioAtMost' in target ? ratio <= target.ratioAtMost : ours <= target.oursAtMost;
}

function inWords(target: Target): string {
  if ('ratioAtLeast' in target) return `ratio at least ${target.ratioAtLeast}`;
  return 'ratioAtMost' in target ? `ratio at most ${target.ratioAtMost}` : `ours at most ${target.oursAtMost}`;
}

function rounded(value: number): number {
  return value >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
}
