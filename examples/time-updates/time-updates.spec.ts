import { makeMill } from './mill.js';
import { serveUpdates } from './updates-server.js';

it('sends each update of the table to the clients', async () => {
  const mill = makeMill(5);
  const server = await serveUpdates(mill);
  const run = mill.run();
  const response = await fetch(server.url);
  let text = '';
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    text += piece;
    if (text.split('\n\n').length > 3) break;
  }
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  expect(text).toMatch(/^(data: \d\d:\d\d:\d\d\n\n){3,}$/);
  server.close();
  await mill.stop();
  expect((await run).ended).toBe('stopped');
});
