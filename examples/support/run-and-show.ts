import { readFileSync } from 'node:fs';
import type { WaterMill } from 'watermill';

const firstLines = 6;

/**
 * Runs a mill as a program: prints its title, its report and the first lines of its output files. Ctrl-C stops it
 * cleanly; after a failure, which is printed, the exit code is 1.
 */
export async function runAndShow(title: string, mill: WaterMill, ...files: readonly string[]): Promise<void> {
  console.log(`${title}\n`);
  const stop = () => void mill.stop();
  process.once('SIGINT', stop);
  try {
    const report = await mill.run();
    console.log(`${report}`);
    for (const file of files) showFile(file);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  } finally {
    process.off('SIGINT', stop);
  }
}

function showFile(file: string): void {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  console.log(`\n${file}:\n${lines.slice(0, firstLines).join('\n')}`);
  if (lines.length > firstLines) console.log(`… and ${lines.length - firstLines} lines more`);
}
