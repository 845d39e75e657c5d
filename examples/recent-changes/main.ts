import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { serveChanges } from './changes-server.js';
import { makeMill } from './mill.js';

async function main(): Promise<void> {
  const server = await serveChanges(['Main page', 'Water mill', 'Mill race']);
  await runAndShow('Changes as a server tells them.', makeMill(server.url, console.log));
  await server.close();
}

void main();
