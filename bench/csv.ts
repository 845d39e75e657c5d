import 'reflect-metadata';
import { appendFileSync, createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { Field, JsonFileMessageBroker, Message, processFunction, WaterMill } from 'watermill';
import type { Measure, Outcome, Work } from './support/bench.js';
import { timed } from './support/timed.js';

/**
 * Rows of CSV as elements of a class through a mill; compared with the parser alone, which creates objects with
 * numbers.
 */
export const measures: readonly Measure[] = ['csv', 'csv-quoted'].map(
  (name): Measure => ({
    name,
    size: 2_000_000,
    ours: { prepare: (work) => writeRows(work, name), run: (work) => throughMill(work, name) },
    reference: { prepare: (work) => writeRows(work, name), run: (work) => parserAlone(work, name) },
    metrics: [
      { unit: 'elements/s', target: { ratioAtLeast: 0.7 } },
      { suffix: 'memory', unit: 'MB resident' },
    ],
  }),
);

@Message()
class Purchase {
  @Field() time!: number;
  @Field() user!: string;
  @Field() amount!: number;
  @Field() what!: string;
}

const fileOf = ({ folder }: Work, name: string): string => path.join(folder, `${name}.csv`);

function writeRows(work: Work, name: string): void {
  const file = fileOf(work, name);
  if (existsSync(file)) return;
  const quotes = name === 'csv-quoted';
  appendFileSync(file, 'time,user,amount,what\n');
  for (let from = 0; from < work.size; from += 10_000) {
    let text = '';
    for (let i = from; i < Math.min(work.size, from + 10_000); i++) {
      const [user, what] = quotes
        ? [`"user, ${i % 1000}"`, '"a ""good"" one"']
        : [`user-${i % 1000}`, 'something good'];
      text += `${i * 10},${user},${(i % 97) + 0.5},${what}\n`;
    }
    appendFileSync(file, text);
  }
}

const mix = (sum: number, { time, user, amount, what }: Purchase): number =>
  (sum * 31 + time + user.length + amount * 2 + what.length) % 1_000_003;

function throughMill(work: Work, name: string): Promise<Outcome> {
  let sum = 0;
  const process = processFunction(Purchase, { emits: [] }, (purchase) => {
    sum = mix(sum, purchase);
  });
  const broker = new JsonFileMessageBroker([[Purchase, fileOf(work, name)]]);
  return timed(
    () => new WaterMill({ process, broker }).run(),
    () => String(sum),
  );
}

interface Papaparse {
  parse(input: NodeJS.ReadableStream, config: object): void;
}

function parserAlone(work: Work, name: string): Promise<Outcome> {
  let sum = 0;
  const { parse } = require('papaparse') as Papaparse;
  const run = (): Promise<void> =>
    new Promise((resolve, reject) => {
      parse(createReadStream(fileOf(work, name), 'utf8'), {
        header: true,
        dynamicTyping: { time: true, amount: true },
        skipEmptyLines: true,
        chunk: ({ data }: { readonly data: readonly Purchase[] }) => {
          for (const purchase of data) sum = mix(sum, purchase);
        },
        complete: () => resolve(),
        error: reject,
      });
    });
  return timed(run, () => String(sum));
}
