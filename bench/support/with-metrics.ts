import type { WaterMill } from 'watermill';
import { registerMetrics } from 'watermill/metrics';

/** Returns a function that runs a mill. */
export type Runner = (mill: WaterMill) => () => Promise<unknown>;

export const withoutMetrics: Runner = (mill) => () => mill.run();

const scrapeEveryMs = 1_000;

/** Times its calls, and reads its metrics every second. */
export const withMetrics: Runner = (mill) => {
  const metrics: { get(): Promise<object> }[] = [];
  registerMetrics(mill, { registerMetric: (metric) => metrics.push(metric) });
  const scrape = (): void => void Promise.all(metrics.map((metric) => metric.get()));
  return async () => {
    const scraping = setInterval(scrape, scrapeEveryMs);
    try {
      await mill.run();
    } finally {
      clearInterval(scraping);
    }
  };
};
