import type { Outcome } from './bench.js';

/** Does the work once, after a garbage collection; then computes the digest of the results. */
export async function timed<T>(
  work: () => T | Promise<T>,
  digest: (value: T) => string | Promise<string>,
): Promise<Outcome> {
  (globalThis as { gc?: () => void }).gc?.();
  const cpuBefore = process.cpuUsage();
  const start = process.hrtime.bigint();
  const value = await work();
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  const cpu = process.cpuUsage(cpuBefore);
  const cpuSeconds = (cpu.user + cpu.system) / 1e6;
  const residentMb = process.resourceUsage().maxRSS / 1024;
  return { seconds, cpuSeconds, residentMb, digest: await digest(value) };
}
