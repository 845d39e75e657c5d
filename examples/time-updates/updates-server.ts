import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WaterMill } from 'watermill';
import { Values } from './mill.js';

/**
 * Serves `GET /updates`: an event for each change of the table, until the client leaves or the server is closed. The
 * original sends bare lines under this content type, which an `EventSource` ignores.
 */
export async function serveUpdates(mill: WaterMill) {
  const closing = new AbortController();
  const server = createServer(async (request, response) => {
    if (request.url !== '/updates') return void response.writeHead(404).end();
    const left = new AbortController();
    response.on('close', () => left.abort());
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    const signal = AbortSignal.any([closing.signal, left.signal]);
    for await (const { value } of mill.table(Values).changes({ signal })) response.write(`data: ${value?.text}\n\n`);
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/updates`,
    close(): void {
      closing.abort();
      server.close();
    },
  };
}
