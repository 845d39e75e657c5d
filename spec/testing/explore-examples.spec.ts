import { readdirSync } from 'node:fs';
import path from 'node:path';
import type { Broker, WaterMill } from 'watermill';
import { explore, record } from 'watermill/testing';
import { PathDatabase } from '../../examples/store-path/path-database.js';
import { cases, isDeep } from '../support/cases.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

/** The exports of an example's mill. */
interface Example {
  files(samples: string, out: string): Broker;
  makeMill(broker: Broker): WaterMill;
}

const root = path.join(__dirname, '../../examples');
const samples: Readonly<Record<string, string>> = { 'speed-alarms': 'fixtures/two-alarms' };
const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** Examples with files only: the others have several brokers, or need a server. */
const names = readdirSync(root).filter(
  (name) => readdirSync(path.join(root, name)).includes('mill.ts') && 'files' in require(path.join(root, name, 'mill')),
);

let database: PathDatabase;
beforeAll(async () => {
  database = await PathDatabase.open();
});
afterAll(() => database.close());

function exampleOf(name: string): Example {
  const { files, makeMill } = require(path.join(root, name, 'mill'));
  if (name !== 'store-path') return { files, makeMill };
  return { files, makeMill: (broker) => makeMill(database, broker) };
}

it.each(names)('explore finds no fault in the example %s', async (name) => {
  const { files, makeMill } = exampleOf(name);
  const inputs = directory.file(name);
  const folder = path.join(root, name, samples[name] ?? 'samples');
  await makeMill(record(files(folder, directory.file(`${name} out`)), inputs, { elements: isDeep() ? 20 : 5 })).run();
  await explore(makeMill, { inputs, runs: cases(4) });
});
