import { silentLogger } from '../../lib/base/logger.js';
import { healthRoutes } from '../../lib/mill/service/health-routes.js';
import { HttpServer, type Route, reply } from '../../lib/mill/service/http-server.js';

const listening = { option: 'port', port: 0, host: '127.0.0.1' } as const;

async function ask(routes: readonly Route[], path: string, method = 'GET'): Promise<Response> {
  const server = await HttpServer.listen(routes, listening, silentLogger);
  try {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method });
    return new Response(await response.text(), { status: response.status });
  } finally {
    await server.close();
  }
}

describe('the server of a service', () => {
  it('answers 503 where the mill cannot be asked', async () => {
    const routes = healthRoutes(() => {
      throw new Error('nobody there');
    });
    const response = await ask(routes, '/healthz');
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ ready: false, healthy: false, error: 'nobody there' });
  });

  it('answers 500 for what fails, and says why', async () => {
    const fails: Route = {
      path: '/fails',
      answer: () => {
        throw new Error('broken');
      },
    };
    const response = await ask([fails], '/fails');
    expect([response.status, await response.text()]).toEqual([500, 'broken\n']);
  });

  it('knows paths, and those below one that ends with a slash', async () => {
    const echo: Route = {
      path: '/tables/',
      answer: ({ pathname }, response) => reply(response, 200, 'text/plain', pathname),
    };
    expect(await (await ask([echo], '/tables/a/b')).text()).toBe('/tables/a/b');
    const response = await ask([echo, { ...echo, path: '/' }], '/other');
    expect([response.status, await response.text()]).toEqual([404, 'Available: /tables/ and /.\n']);
    expect((await ask([echo], '/tables/a', 'POST')).status).toBe(404);
    expect((await ask([echo], '/tables/a', 'HEAD')).status).toBe(200);
  });
});
