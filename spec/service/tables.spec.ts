import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser } from 'puppeteer-core';
import { MemoryMessageBroker, message, processFunction, runService, WaterMill } from 'watermill';
import { Order, OrdersByDay, OrdersByPair, PageView, VisitsByUser, view } from '../tables/model.js';
import { describeInBrowser, startBrowser } from './chromium.js';
import { endServed, type Served, serve } from './serve.js';

const counting = processFunction(PageView, { inject: [VisitsByUser] }, ({ user, at }, visits) => {
  if (at < 0) visits.delete(user);
  else visits.put({ user, count: (visits.get(user)?.count ?? 0) + 1 });
});

/** Resolves when the condition holds; fails after a while. */
async function soon(isSo: () => boolean): Promise<void> {
  const latest = Date.now() + 10_000;
  while (!isSo()) {
    if (Date.now() > latest) throw new Error('This did not happen within 10 s');
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** A mill over a pushed stream, whose table is exposed; each call is committed. */
function servedCounts() {
  const broker = new MemoryMessageBroker([[PageView]]);
  const mill = new WaterMill({ process: counting, broker, commitEvery: { elements: 1 } });
  const served = serve(mill, { tables: [VisitsByUser] });
  const count = async (...users: string[]): Promise<void> => {
    const before = mill.progress().nodes[0]?.read ?? 0;
    for (const user of users) await broker.push(PageView, view(user.startsWith('-') ? -1 : 1, user.replace('-', '')));
    await soon(() => (mill.progress().nodes[0]?.read ?? 0) === before + users.length);
    await soon(() => mill.table(VisitsByUser).size > 0);
  };
  return { broker, mill, served, count };
}

const json = async (served: Served, path: string): Promise<unknown> => {
  const response = await served.get(path);
  expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  return response.json();
};

describe('tables over HTTP', () => {
  afterEach(endServed);

  it('return one element, a range, and errors as JSON', async () => {
    const { broker, served, count } = servedCounts();
    await count('bob', 'ann', 'bob', 'a/b', 'changes', 'eve');
    await served.until(async () => (await served.get('/tables/VisitsByUser/eve')).ok);
    expect(await json(served, '/tables/VisitsByUser/bob')).toEqual({ user: 'bob', count: 2 });
    expect(await json(served, '/tables/VisitsByUser/a%2Fb')).toEqual({ user: 'a/b', count: 1 });
    const users = async (query: string) =>
      ((await json(served, `/tables/VisitsByUser${query}`)) as { user: string }[]).map(({ user }) => user).join(' ');
    expect(await users('')).toBe('a/b ann bob changes eve');
    expect(await users('?from=ann&to=bob')).toBe('ann bob');
    expect(await users('?from=ann&to=changes&reverse&limit=2')).toBe('changes bob');
    expect(await users('?reverse=true&limit=1')).toBe('eve');
    expect(await users('?from=changes&to=changes&reverse=false')).toBe('changes');
    expect(await users('?from=x')).toBe('');
    const refused = async (path: string) => {
      const response = await served.get(path);
      return [response.status, ((await response.json()) as { error: string }).error];
    };
    expect(await refused('/tables/VisitsByUser/nobody')).toEqual([404, 'VisitsByUser has no nobody.']);
    expect(await refused('/tables/Other')).toEqual([404, 'There is no table Other. There are: VisitsByUser.']);
    expect(await refused('/tables/VisitsByUser?limit=-1')).toEqual([
      400,
      'The query has limit=-1; expected a whole number.',
    ]);
    expect(await refused('/tables/VisitsByUser?reverse=1')).toEqual([
      400,
      'The query has reverse=1; expected true or false.',
    ]);
    expect(await refused('/tables/VisitsByUser?till=b')).toEqual([
      400,
      'The query has till, which is not one of from, to, reverse, limit.',
    ]);
    expect(await refused('/tables/VisitsByUser/changes?from=earliest')).toEqual([
      400,
      'The query has from=earliest; expected now or beginning.',
    ]);
    expect(await refused('/tables/%E0%A4%A')).toEqual([
      400,
      'The path has a % that is not part of UTF-8 in hexadecimal digits, as %20 is.',
    ]);
    broker.end(PageView);
    expect(await served.ended).toBe(0);
  });

  it('accept keys of every type', async () => {
    const orders = [1, 2, 3].map((n) =>
      message(Order, { day: new Date(n * 1_000), seq: BigInt(n), customer: `c${n}` }),
    );
    const broker = new MemoryMessageBroker([[Order]]);
    const process = processFunction(Order, { inject: [OrdersByDay, OrdersByPair] }, (order, byDay, byPair) => {
      byDay.put(order);
      byPair.put(order);
    });
    const mill = new WaterMill({ process, broker, commitEvery: { elements: 1 } });
    const served = serve(mill, { tables: [OrdersByDay, OrdersByPair] });
    await broker.push(Order, ...orders);
    await soon(() => mill.table(OrdersByDay).size === 3);
    const seq = async (path: string) => ((await json(served, path)) as { seq: string }).seq;
    const seqs = async (path: string) =>
      ((await json(served, path)) as { seq: string }[]).map((each) => `${each.seq}`).join('');
    expect(`${await seq('/tables/OrdersByDay/1970-01-01T00:00:02Z')}`).toBe('2');
    expect(`${await seq('/tables/OrdersByDay/3000')}`).toBe('3');
    expect(await seqs('/tables/OrdersByDay?from=1970-01-01T00:00:02Z')).toBe('23');
    expect(`${await seq('/tables/OrdersByPair/c2/2')}`).toBe('2');
    expect(`${await seq(`/tables/OrdersByPair/${encodeURIComponent('["c2",2]')}`)}`).toBe('2');
    expect(await seqs(`/tables/OrdersByPair?to=${encodeURIComponent('["c2",2]')}`)).toBe('12');
    const digits = encodeURIComponent('["c2",9007199254740993]');
    expect(await (await served.get(`/tables/OrdersByPair/${digits}`)).json()).toEqual({
      error: expect.stringContaining(
        'expected a tuple (string, bigint), such as ["a","1"], with large bigints as texts.',
      ),
    });
    for (const part of ['[2,2]', '["c2",null]', '["c2",[2]]', '["c2",true]']) {
      expect([part, (await served.get(`/tables/OrdersByPair/${encodeURIComponent(part)}`)).status]).toEqual([
        part,
        400,
      ]);
    }
    expect(await seq(`/tables/OrdersByPair/${encodeURIComponent('["c2","2"]')}`)).toBe('2');
    for (const path of ['OrdersByDay/soon', 'OrdersByPair/c2', 'OrdersByPair/c2/x', 'OrdersByPair/c2/2/2']) {
      const response = await served.get(`/tables/${path}`);
      expect([path, response.status]).toEqual([path, 400]);
      expect(((await response.json()) as { error: string }).error).toContain('expected a');
    }
    broker.end(Order);
    await served.ended;
  });

  it('send changes as events, until the listeners are gone', async () => {
    const { broker, served, count } = servedCounts();
    await count('bob', 'ann');
    await served.until(async () => (await served.get('/tables/VisitsByUser/ann')).ok);
    const stopping = new AbortController();
    const response = await fetch(`${await served.url}/tables/VisitsByUser/changes?from=beginning`, {
      signal: stopping.signal,
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const reader = (response.body as ReadableStream<Uint8Array>).pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    const until = async (part: string): Promise<void> => {
      while (!text.includes(part)) text += (await reader.read()).value ?? `ended before ${part}`;
    };
    await until('"bob"');
    await count('ann', '-bob');
    await until('data: {"key":"bob"}\n\n');
    const events = text.split('\n\n').filter((event) => event.startsWith('data: '));
    expect(events.map((event) => JSON.parse(event.slice('data: '.length)))).toEqual([
      { key: 'ann', value: { user: 'ann', count: 1 } },
      { key: 'bob', value: { user: 'bob', count: 1 } },
      { key: 'ann', value: { user: 'ann', count: 2 } },
      { key: 'bob' },
    ]);
    stopping.abort();
    for (const path of ['/changes', '', '/ann']) {
      const response = await fetch(`${await served.url}/tables/VisitsByUser${path}`, { method: 'HEAD' });
      expect([response.status, await response.text()]).toEqual([200, '']);
    }
    broker.end(PageView);
    expect(await served.ended).toBe(0);
  });

  it('are refused if the mill has no such table, or none is exposed', async () => {
    const failed: unknown[] = [];
    const logger = {
      debug() {},
      info() {},
      warn() {},
      error: (details: { err?: Error }) => void failed.push(details.err?.message),
    };
    const mill = () => new WaterMill({ process: counting, broker: new MemoryMessageBroker([[PageView, []]]) });
    const before = process.exitCode;
    // Failed services end their process after the grace period, whatever else is running: here other tests.
    process.exit = (() => {}) as never;
    for (const options of [
      { port: 0, tables: [OrdersByDay] },
      { port: 0, tables: [PageView] },
      { port: 0, tables: VisitsByUser },
      { tables: [VisitsByUser] },
    ]) {
      expect(await runService(mill(), { ...options, logger } as never)).toBe(1);
    }
    process.exitCode = before;
    expect(failed).toEqual([
      expect.stringContaining(
        'the class OrdersByDay is not a table that the process function takes: it takes VisitsByUser',
      ),
      expect.stringContaining('option tables: expected an array of tables, such as [VisitsByUser], found'),
      expect.stringContaining('option tables: expected an array of tables'),
      expect.stringContaining('option tables: expected a port as well, where they are shown'),
    ]);
  });
});

describeInBrowser('a browser', () => {
  let browser: Browser | undefined;
  let pages: Server | undefined;
  afterEach(async () => {
    await browser?.close();
    pages?.closeAllConnections();
    pages?.close();
    await endServed();
  });

  it('send changes to an EventSource as they happen', async () => {
    const { broker, served, count } = servedCounts();
    await count('ann');
    const url = await served.url;
    const script = `const events = new EventSource('/tables/VisitsByUser/changes?from=beginning');
      events.onmessage = ({ data }) => fetch('/got', { method: 'POST', body: data });`;
    const got: string[] = [];
    let listen = (): void => {};
    // A page of the same origin, which forwards its requests to the service.
    pages = createServer(async (request, response) => {
      if (request.url === '/') return response.end(`<script>${script}</script>`);
      if (request.url === '/got') {
        let body = '';
        for await (const piece of request) body += piece;
        got.push(body);
        listen();
        return response.end();
      }
      try {
        const answer = await fetch(`${url}${request.url}`);
        response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
        for await (const piece of answer.body ?? []) response.write(piece);
      } catch {
        // The service has ended.
      }
      return response.end();
    });
    await new Promise<void>((resolve) => pages?.listen(0, '127.0.0.1', resolve));
    browser = await startBrowser();
    const tab = await browser.newPage();
    await tab.goto(`http://127.0.0.1:${(pages.address() as AddressInfo).port}/`);
    const until = (number: number): Promise<void> =>
      new Promise((resolve) => {
        listen = () => {
          if (got.length >= number) resolve();
        };
        listen();
      });
    await until(1);
    await count('ann', 'bob');
    await until(3);
    expect(
      got.map((each) => JSON.parse(each)).sort((a, b) => a.value.count - b.value.count || (a.key < b.key ? -1 : 1)),
    ).toEqual([
      { key: 'ann', value: { user: 'ann', count: 1 } },
      { key: 'bob', value: { user: 'bob', count: 1 } },
      { key: 'ann', value: { user: 'ann', count: 2 } },
    ]);
    broker.end(PageView);
    await served.ended;
  });
});
