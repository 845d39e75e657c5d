import { existsSync, promises as fs, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { DirectoryMessageBroker, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { Order } from './support/orders.js';
import { timed } from './support/timed.js';

/** Small files as one stream through a mill, without progress; compared with a hand-written loop over sorted names. */
export const measures: readonly Measure[] = [
  {
    name: 'directory',
    size: 1_000_000,
    ours: { prepare: writeFiles, run: throughMill },
    reference: { prepare: writeFiles, run: byHand },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.7 } },
      { suffix: 'memory', unit: 'MB resident' },
    ],
  },
];

const perFile = 50;
const folderOf = ({ folder }: Work): string => path.join(folder, 'orders');

function writeFiles(work: Work): void {
  const folder = folderOf(work);
  if (existsSync(folder)) return;
  mkdirSync(folder);
  for (let from = 0; from < work.size; from += perFile) {
    let text = '';
    for (let i = from; i < from + perFile; i++) text += `{"time":${i * 10},"amount":${(i % 97) + 1}}\n`;
    writeFileSync(path.join(folder, `${String(from).padStart(9, '0')}.ndjson`), text);
  }
}

function throughMill(work: Work): Promise<Outcome> {
  let sum = 0;
  const process = processFunction(Order, { emits: [] }, ({ time, amount }) => {
    sum = (sum * 31 + time + amount) % 1_000_003;
  });
  const options = { order: 'name', settleMs: 0, end: 'when empty' } as const;
  const broker = new DirectoryMessageBroker({ sources: [[Order, folderOf(work), options]] });
  return timed(
    () => new WaterMill({ process, broker }).run(),
    () => String(sum),
  );
}

function byHand(work: Work): Promise<Outcome> {
  let sum = 0;
  const folder = folderOf(work);
  const run = async (): Promise<void> => {
    for (const name of (await fs.readdir(folder)).sort()) {
      for (const line of (await fs.readFile(path.join(folder, name), 'utf8')).split('\n')) {
        if (line === '') continue;
        const { time, amount }: Order = JSON.parse(line);
        sum = (sum * 31 + time + amount) % 1_000_003;
      }
    }
  };
  return timed(run, () => String(sum));
}
