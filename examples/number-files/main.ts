import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { numberFiles } from './number-files.js';
import { makeStream, type Places, writeStats } from './number-stream.js';

const places: Places = { input: 'out/numbers', output: 'out/stats.txt', state: 'out/state' };

/** Processes one batch of the first three files, then stops: the next would start after 30 seconds. */
async function main(): Promise<void> {
  rmSync('out', { recursive: true, force: true });
  mkdirSync(places.input, { recursive: true });
  for (const { name, numbers } of numberFiles) writeFileSync(`${places.input}/${name}`, `${numbers.join('\n')}\n`);
  console.log('Statistics of files with numbers, three files at a time. The first batch:\n');
  const stream = makeStream(places);
  await stream.run(({ numbers = [] }, { id, attempt }) => {
    console.log(`batch ${id}, attempt ${attempt}: ${numbers.map(({ name }) => name).join(', ')}`);
    writeStats(numbers, places, () => attempt === 1);
    void stream.stop();
  });
  console.log(`\n${readFileSync(places.output, 'utf8')}`);
}

void main();
