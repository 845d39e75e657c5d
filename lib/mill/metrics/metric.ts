import type { Histogram } from '../report/histogram.js';

export type Labels = Readonly<Record<string, string>>;

/** A value with the labels that distinguish it from others of its metric. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

export interface HistogramSample {
  readonly labels: Labels;
  readonly histogram: Histogram;
}

interface Described {
  /** For a counter without `_total`. Ends with the unit. */
  readonly name: string;
  readonly help: string;
  readonly unit?: 'seconds' | 'elements';
  /** The value of several processes together. Default: the sum. */
  readonly together?: 'min' | 'max' | 'average';
}

/** A metric of one value per label. */
export type SampledMetric = Described & { readonly type: 'counter' | 'gauge'; readonly samples: readonly Sample[] };

export type HistogramMetric = Described & { readonly type: 'histogram'; readonly samples: readonly HistogramSample[] };

/** A metric of Prometheus and OpenTelemetry, at one moment. */
export type Metric = SampledMetric | HistogramMetric;
