import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { silentLogger } from '../../lib/base/logger.js';
import { healthRoutes } from '../../lib/mill/service/health-routes.js';
import { HttpServer, type Route, reply } from '../../lib/mill/service/http-server.js';

const listening = { option: 'port', port: 0, host: '127.0.0.1' } as const;

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

async function ask(routes: readonly Route[], path: string, method = 'GET'): Promise<Answer> {
  const server = await HttpServer.listen(routes, listening, silentLogger);
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    const { status, headers } = response;
    return { status, headers, text: await response.text() };
  } finally {
    await server.close();
  }
}

/** Returns the response to a request that no client of Node makes. */
async function lines(port: number, request: string, host = 'localhost', address = '127.0.0.1'): Promise<string[]> {
  const socket = connect(port, address);
  socket.end(`${request}\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
  return (await text(socket)).split('\r\n');
}

describe('the HTTP server of a service', () => {
  it('answers 503 if the mill cannot be queried', async () => {
    const routes = healthRoutes(() => {
      throw new Error('nobody there');
    });
    const response = await ask(routes, '/healthz');
    expect(response.status).toBe(503);
    expect(JSON.parse(response.text)).toEqual({ ready: false, healthy: false, error: 'nobody there' });
  });

  it.each([
    [true, true, 200, 200],
    [false, true, 200, 503],
    [true, false, 503, 200],
  ])('answers /healthz with its health, and /readyz with its readiness: %p, %p', async (...all) => {
    const [ready, healthy, live, takes] = all;
    const routes = healthRoutes(() => ({ ready, healthy, lanes: [] }));
    const statuses = await Promise.all([ask(routes, '/healthz'), ask(routes, '/readyz')]);
    expect(statuses.map(({ status }) => status)).toEqual([live, takes]);
  });

  it('names the remedy for an address of another machine, and for a port in use', async () => {
    const elsewhere = HttpServer.listen([], { ...listening, host: '192.0.2.1' }, silentLogger);
    await expect(elsewhere).rejects.toMatchObject({
      code: 'WM_HEALTH_PORT',
      message: expect.stringMatching(
        /^The service cannot listen on 192\.0\.2\.1, port 0: .* Name an address of this machine/,
      ),
    });
    const server = await HttpServer.listen([], listening, silentLogger);
    await expect(HttpServer.listen([], { ...listening, port: server.port }, silentLogger)).rejects.toThrow(
      /EADDRINUSE.*Use another port, or stop what listens there\.$/,
    );
    await server.close();
  });

  it('answers 500 for a failure, with the reason', async () => {
    const fails: Route = {
      path: '/fails',
      answer: () => {
        throw new Error('broken');
      },
    };
    const response = await ask([fails], '/fails');
    expect([response.status, response.text]).toEqual([500, 'broken\n']);
  });

  it('matches paths, and all below one that ends with a slash', async () => {
    const echo: Route = {
      path: '/tables/',
      answer: ({ pathname }, response) => reply(response, 200, 'text/plain', pathname),
    };
    expect((await ask([echo], '/tables/a/b')).text).toBe('/tables/a/b');
    const response = await ask([echo, { ...echo, path: '/' }], '/other');
    expect([response.status, response.text]).toEqual([404, 'Available: /tables/ and /.\n']);
  });

  const greet: Route = { path: '/hello', answer: (_, response) => reply(response, 200, 'text/plain', 'grüezi') };

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'says that %s is not allowed where GET is, and what is',
    async (method) => {
      const { status, headers, text } = await ask([greet], '/hello', method);
      expect([status, headers.get('allow'), text]).toEqual([
        405,
        'GET, HEAD, OPTIONS',
        `${method} is not allowed here. Allowed: GET, HEAD, OPTIONS.\n`,
      ]);
      expect((await ask([greet], '/other', method)).status).toBe(404);
    },
  );

  it('answers HEAD like GET, without a body, and OPTIONS with the allowed methods', async () => {
    const [get, head] = [await ask([greet], '/hello'), await ask([greet], '/hello', 'HEAD')];
    expect([get.status, get.text, head.status, head.text]).toEqual([200, 'grüezi', 200, '']);
    const ofConnection = ['connection', 'date', 'keep-alive'];
    const kept = ({ headers }: Answer) => [...headers].filter(([name]) => !ofConnection.includes(name));
    expect(kept(head)).toEqual(kept(get));
    expect(head.headers.get('content-length')).toBe('7');
    const options = await ask([greet], '/hello', 'OPTIONS');
    expect([options.status, options.headers.get('allow'), options.text]).toEqual([204, 'GET, HEAD, OPTIONS', '']);
  });

  it('accepts the absolute URL, as sent by proxies, and answers * with the allowed methods', async () => {
    const server = await HttpServer.listen([greet], listening, silentLogger);
    try {
      expect(await lines(server.port, 'GET http://mill:80/hello HTTP/1.1')).toContain('HTTP/1.1 200 OK');
      expect(await lines(server.port, 'GET //hello/x HTTP/1.1')).toContain('HTTP/1.1 404 Not Found');
      expect(await lines(server.port, 'OPTIONS * HTTP/1.1')).toContain('HTTP/1.1 204 No Content');
    } finally {
      await server.close();
    }
  });

  it('answers on loopback only what is meant for this machine, so that no website reads it through a name of its own', async () => {
    const status = async (host: string, given: string, name: string, address = host): Promise<string> => {
      const server = await HttpServer.listen([greet], { ...listening, host: given }, silentLogger);
      try {
        return (await lines(server.port, 'GET /hello HTTP/1.1', name, address))[0] as string;
      } finally {
        await server.close();
      }
    };
    const here = ['localhost', 'LOCALHOST:80', 'localhost.', 'a.localhost', '127.0.0.1:80', '[::1]:80', '10.1.2.3', ''];
    for (const name of here) {
      expect([name, await status('127.0.0.1', '127.0.0.1', name)]).toEqual([name, 'HTTP/1.1 200 OK']);
    }
    const elsewhere = [
      'evil.example',
      'evil.example:80',
      'localhost.evil.example',
      '127.0.0.1.evil.example',
      '[evil]',
      'a@b',
    ];
    for (const name of elsewhere) {
      expect([name, await status('127.0.0.1', '127.0.0.1', name)]).toEqual([name, 'HTTP/1.1 403 Forbidden']);
    }
    expect(await status('127.0.0.1', 'localhost', 'evil.example', 'localhost')).toBe('HTTP/1.1 403 Forbidden');
    expect(await status('127.0.0.1', '0.0.0.0', 'mill.example')).toBe('HTTP/1.1 200 OK');
  });
});
