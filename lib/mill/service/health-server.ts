import { createServer, type Server } from 'node:http';
import type { Logger } from '../../base/logger.js';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { Health } from '../report/health.js';

/** Answers probes: `/healthz` by `healthy`, `/readyz` by `ready`, with 200 or 503 and the whole health as JSON. */
export class HealthServer {
  private constructor(private readonly server: Server) {}

  static listen(health: () => Health, port: number, host: string | undefined, logger: Logger): Promise<HealthServer> {
    const server = createServer(({ method, url }, response) => {
      const path = url?.split('?')[0];
      const isKnown = (method === 'GET' || method === 'HEAD') && (path === '/healthz' || path === '/readyz');
      if (!isKnown) {
        response.writeHead(404, { 'content-type': 'text/plain' }).end('Available: /healthz and /readyz.\n');
        return;
      }
      const { isGood, body } = answerOf(health, path === '/healthz' ? 'healthy' : 'ready');
      response.writeHead(isGood ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' });
      response.end(`${body}\n`);
    });
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => reject(cannotListen(port, host, cause)));
      server.listen(port, host, () => {
        // What goes wrong later (too many open files, for one) is not a failure of the mill.
        server.on('error', (cause) => logger.warn({ err: cause }, 'The health endpoint has failed to answer'));
        resolve(new HealthServer(server));
      });
    });
  }

  /** The port it listens on, also where 0 asked for any. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

/** A mill that cannot be asked is not healthy. */
function answerOf(health: () => Health, what: 'healthy' | 'ready'): { isGood: boolean; body: string } {
  try {
    const found = health();
    return { isGood: found[what], body: JSON.stringify(found) };
  } catch (error) {
    return { isGood: false, body: JSON.stringify({ ready: false, healthy: false, error: reasonOf(error) }) };
  }
}

function cannotListen(port: number, host: string | undefined, cause: Error): WaterMillError {
  const place = host === undefined ? `port ${port}` : `${host}, port ${port}`;
  return new WaterMillError(
    'WM_HEALTH_PORT',
    `The health endpoint cannot listen on ${place}: ${cause.message}. Use another healthPort, or stop what listens there.`,
    { port, found: cause.message },
    { cause },
  );
}
