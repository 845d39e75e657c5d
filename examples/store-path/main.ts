import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';
import { PathDatabase } from './path-database.js';

async function main(): Promise<void> {
  const database = await PathDatabase.open();
  await runAndShow('A path, stored in an embedded database.', makeMill(database));
  const [row] = database.query('SELECT count(*), min(time), max(time), max(x) FROM path');
  console.log(`\nSELECT count(*), min(time), max(time), max(x) FROM path: ${row?.join(', ')}`);
  database.close();
}

void main();
