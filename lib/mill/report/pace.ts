import type { Progress } from './progress.js';

/** The pace is measured over the last eight intervals. */
const samplesKept = 9;

/** The throughput of a mill in elements per second, over all its streams, by repeated sampling. */
export class Pace {
  private readonly samples: { readonly at: number; readonly read: number }[] = [];

  begin(at: number): void {
    this.samples.push({ at, read: 0 });
  }

  perSecond({ nodes }: Progress, at: number): number {
    const { samples } = this;
    const now = { at, read: nodes.reduce((sum, { read }) => sum + read, 0) };
    const first = samples[0] ?? now;
    if (samples.push(now) > samplesKept) samples.shift();
    const ms = now.at - first.at;
    return ms === 0 ? 0 : ((now.read - first.read) * 1_000) / ms;
  }
}
