import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';
import { serveUpdates } from './updates-server.js';

async function main(): Promise<void> {
  const mill = makeMill();
  const server = await serveUpdates(mill);
  const run = runAndShow('Changes of a table as an endpoint: three updates.', mill);
  let text = '';
  const response = await fetch(server.url);
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    process.stdout.write(piece);
    text += piece;
    if (text.split('\n\n').length > 3) break;
  }
  server.close();
  await mill.stop();
  await run;
}

void main();
