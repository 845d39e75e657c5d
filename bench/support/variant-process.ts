// Runs one variant of one measure in this process: <bench> <measure> <variant> <size> <folder>.
import { loadBench } from './load-bench.js';

async function main([bench, name, variant, size, folder]: string[]): Promise<void> {
  const measure = (await loadBench(bench as string)).find((one) => one.name === name);
  if (measure === undefined) throw new Error(`The bench ${bench} has no measure ${name}.`);
  const { run } = measure[variant as 'ours' | 'reference'];
  process.send?.(await run({ size: Number(size), folder: folder as string }));
}

void main(process.argv.slice(2));
