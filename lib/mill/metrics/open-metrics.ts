import type { Labels, Metric } from './metric.js';

export const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8';

/** Metrics as OpenMetrics text, for Prometheus. */
export function openMetricsText(metrics: readonly Metric[]): string {
  return `${metrics.map(metricText).join('')}# EOF\n`;
}

function metricText(metric: Metric): string {
  const { name, type, unit, help } = metric;
  const head = [
    `# TYPE ${name} ${type}`,
    ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
    `# HELP ${name} ${escaped(help)}`,
  ];
  return `${[...head, ...samplesOf(metric)].join('\n')}\n`;
}

function samplesOf(metric: Metric): string[] {
  if (metric.type !== 'histogram') {
    const suffix = metric.type === 'counter' ? '_total' : '';
    return metric.samples.map(({ labels, value }) => `${metric.name}${suffix}${labelText(labels)} ${value}`);
  }
  return metric.samples.flatMap(({ labels, histogram }) => {
    const { bounds, counts, count, sum } = histogram;
    let below = 0;
    const buckets = counts.map((inBucket, i) => {
      below += inBucket;
      const le = i < bounds.length ? boundText(bounds[i] as number) : '+Inf';
      return `${metric.name}_bucket${labelText({ ...labels, le })} ${below}`;
    });
    const own = labelText(labels);
    return [...buckets, `${metric.name}_count${own} ${count}`, `${metric.name}_sum${own} ${sum}`];
  });
}

/** The bound of a bucket has a decimal point, even if it is an integer. */
function boundText(bound: number): string {
  return Number.isInteger(bound) ? bound.toFixed(1) : String(bound);
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`;
}

function escaped(text: string): string {
  return text.replace(/[\\"\n]/g, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
