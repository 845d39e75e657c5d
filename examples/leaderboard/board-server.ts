import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WaterMill } from 'watermill';
import { Standings } from './mill.js';
import { page } from './page.js';

/** Serves the page at `/`, and at `/standings` the rows of the table and their changes, as server-sent events. */
export async function serveBoard(mill: WaterMill, port = 0) {
  const server = createServer((request, response) => {
    if (request.url === '/') response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
    else if (request.url === '/standings') void sendStandings(mill, response);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close(): void {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function sendStandings(mill: WaterMill, response: ServerResponse): Promise<void> {
  const left = new AbortController();
  const { signal } = left;
  response.on('close', () => left.abort());
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.flushHeaders();
  for await (const { key, value } of mill.table(Standings).changes({ from: 'beginning', signal })) {
    const hasRoom = response.write(`data: ${JSON.stringify({ key, value })}\n\n`);
    // A slow client gets the latest change of each key.
    if (!hasRoom) await once(response, 'drain', { signal }).catch(() => {});
  }
  response.end();
}
