import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Logger } from '../../base/logger.js';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { isLocalHost, isLoopback } from './local-host.js';

const plainText = 'text/plain; charset=utf-8';

/** A path of a service, and its response to GET. */
export interface Route {
  /** `/metrics`; a path that ends with a slash, other than `/` itself, matches everything below it. */
  readonly path: string;
  /** Ends the response, immediately or later. An error is answered with 500. */
  answer(url: URL, response: ServerResponse): void;
}

/** The address of a server. `option` is the option with the port, for errors. */
export interface Listening {
  readonly option: 'port' | 'healthPort';
  readonly port: number;
  readonly host: string | undefined;
}

/** Ends a response. It must not be cached, since it shows the current state. */
export function reply(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(body);
}

export function replyJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? String(each) : each));
  reply(response, status, 'application/json; charset=utf-8', `${body}\n`);
}

/** Answers GET and HEAD for the routes of a service; other methods are not allowed. */
export class HttpServer {
  private constructor(private readonly server: Server) {}

  static listen(routes: readonly Route[], listening: Listening, logger: Logger): Promise<HttpServer> {
    const { host } = listening;
    const server = createServer((request, response) => {
      const isForHere = !isLoopback(addressOf(server)) || isLocalHost(request.headers.host, host);
      if (isForHere) answer(routes, request, response);
      else reply(response, 403, plainText, notForHere);
    });
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => reject(cannotListen(listening, cause)));
      server.listen(listening.port, host, () => {
        // A later error (too many open files, for example) is not a failure of the mill.
        server.on('error', (cause) => logger.warn({ err: cause }, 'An endpoint of the service has failed to answer'));
        resolve(new HttpServer(server));
      });
    });
  }

  /** The port that it listens on; if 0 was given, the one that was chosen. */
  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}

const notForHere =
  'This service listens on loopback, and answers only if the header Host is localhost or an address. Use such a URL; a proxy must send such a Host.\n';

function addressOf(server: Server): string {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.address : '';
}

function answer(routes: readonly Route[], { method, url = '' }: IncomingMessage, response: ServerResponse): void {
  const target = urlOf(url);
  const route = target && routes.find(({ path }) => fits(path, target));
  if (target === undefined || (route === undefined && url !== '*')) {
    reply(response, 404, plainText, `Available: ${pathsText(routes)}.\n`);
    return;
  }
  if (route === undefined || (method !== 'GET' && method !== 'HEAD')) {
    answerOther(method, response);
    return;
  }
  try {
    route.answer(target, response);
  } catch (error) {
    if (response.headersSent) response.destroy();
    else reply(response, 500, plainText, `${reasonOf(error)}\n`);
  }
}

/** Answers other methods: paths are read-only. */
function answerOther(method: string | undefined, response: ServerResponse): void {
  response.setHeader('allow', 'GET, HEAD, OPTIONS');
  if (method === 'OPTIONS') response.writeHead(204).end();
  else reply(response, 405, plainText, `${method} is not allowed here. Allowed: GET, HEAD, OPTIONS.\n`);
}

function fits(path: string, { pathname }: URL): boolean {
  return pathname === path || (path.length > 1 && path.endsWith('/') && pathname.startsWith(path));
}

/** A proxy may send a complete URL. */
function urlOf(url: string): URL | undefined {
  try {
    return new URL(/^https?:/i.test(url) ? url : `http://service${url}`);
  } catch {
    return undefined;
  }
}

/** `/healthz, /readyz and /metrics`. */
export function pathsText(routes: readonly Route[]): string {
  const paths = routes.map(({ path }) => path);
  return paths.length === 1 ? String(paths[0]) : `${paths.slice(0, -1).join(', ')} and ${paths.at(-1)}`;
}

function cannotListen({ option, port, host }: Listening, cause: Error): WaterMillError {
  const place = host === undefined ? `port ${port}` : `${host}, port ${port}`;
  const what = option === 'port' ? 'The service' : 'The health endpoint';
  return new WaterMillError(
    'WM_HEALTH_PORT',
    `${what} cannot listen on ${place}: ${cause.message}. ${remedyFor((cause as NodeJS.ErrnoException).code, option)}`,
    { port, found: cause.message },
    { cause },
  );
}

function remedyFor(code: string | undefined, option: Listening['option']): string {
  switch (code) {
    case 'EACCES':
      return 'Use a port above 1023, or let this process listen there.';
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return "Name an address of this machine: '127.0.0.1', or '0.0.0.0' for all that it has.";
    default:
      return `Use another ${option}, or stop what listens there.`;
  }
}
