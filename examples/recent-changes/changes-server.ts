import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Serves some changes, one per line, like a wiki: in chunks that do not end at line ends. */
export async function serveChanges(changes: readonly string[]): Promise<{ url: string; close(): Promise<void> }> {
  const text = changes.map((change) => `${change}\n`).join('');
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const middle = Math.floor(text.length / 2);
    response.write(text.slice(0, middle), () => response.end(text.slice(middle)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): Promise<void> => new Promise((resolve) => server.close(() => resolve()));
  return { url: `http://127.0.0.1:${port}/recentchange`, close };
}
