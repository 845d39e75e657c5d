import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill, VisitsByUser } from './mill.js';

async function main(): Promise<void> {
  const mill = makeMill();
  await runAndShow('Visits per user: a count that is kept in a table.', mill, 'out/regulars.ndjson');
  console.log('\nThe table:');
  for (const { user, count, last } of mill.table(VisitsByUser).range()) console.log(user, count, last.toISOString());
}

void main();
