import type { Browser, Page } from 'puppeteer-core';
import {
  EndOfStream,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { Alarm, Order, orders, Price, prices, range, sell } from '../mill/support/model.js';
import { describeInBrowser, startBrowser } from './chromium.js';
import { endServed, serve } from './serve.js';

afterEach(endServed);

const times = { left: field(Order, 'time'), right: field(Price, 'time') };

describeInBrowser('the page of a service, in a browser', () => {
  let browser: Browser;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  async function open(url: string): Promise<void> {
    await page?.close();
    page = await browser.newPage();
    page.setDefaultTimeout(20_000);
    page.on('pageerror', (error) => problems.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') problems.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(url) && !request.url().startsWith('data:')) problems.push(`asked ${request.url()}`);
    });
    await page.goto(url);
  }

  /** Waits until the text of an element matches. The page's policy does not allow waiting inside it. */
  async function shows(selector: string, like: RegExp): Promise<void> {
    const latest = Date.now() + 15_000;
    for (;;) {
      const text = await page.$eval(selector, (element) => element.textContent ?? '');
      if (like.test(text)) return;
      if (Date.now() > latest) throw new Error(`${selector} shows ${text}, expected ${like}; ${problems.join('; ')}`);
    }
  }

  async function tabTo(id: string): Promise<void> {
    for (let presses = 0; presses < 30; presses++) {
      if ((await page.$eval(':focus', (element) => element.id).catch(() => '')) === id) return;
      await page.keyboard.press('Tab');
    }
    throw new Error(`Tab does not lead to ${id}`);
  }

  it('shows live numbers, who waits for whom, and details by a click or a key', async () => {
    const broker = new MemoryMessageBroker([[Order], [Price]]);
    const served = serve(new WaterMill({ process: sell, broker }));
    broker.push(Order, ...orders(1, 2, 3));
    await open(await served.url);
    await shows('#state', /^running, 1 lane$/);
    await shows('#counts', /^, 0 calls/);
    await shows('#waits', /Lane 0: elements of Order are available, and wait for more of Price/);
    await shows('#node-0 .live', /^1 read/);
    broker.push(Price, ...prices(1, 2, 2));
    await shows('#process .live', /^1 calls/);
    await shows('#edge-1 .live', /^2 held/);
    await shows('#legend', /Price ahead of Order: -1/);
    await page.click('#node-1');
    await shows('#details', /PricePrice: Price|Price: Price/);
    await shows('#details', /out of orderfails the run/);
    await tabTo('edge-1');
    await page.keyboard.press('Enter');
    await shows('#details', /Order to Price/);
    expect(await page.$eval('#edge-1', (edge) => edge.getAttribute('aria-pressed'))).toBe('true');
    await page.focus('#pause');
    await page.keyboard.press('Enter');
    expect(await page.$eval('#pause', (button) => button.textContent)).toBe('Continue');
    await page.click('#pause');
    for (const value of ['dark', 'light']) {
      await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value }]);
      expect((await page.screenshot()).length).toBeGreaterThan(10_000);
    }
    broker.push(Order, new EndOfStream());
    broker.push(Price, ...prices(3), new EndOfStream());
    expect(await served.ended).toBe(0);
    await shows('#state', /does not answer/);
    expectNoProblems();
  });

  it('draws the skew of an edge in the colour of its legend, also if another edge has no distance', async () => {
    const broker = new MemoryMessageBroker([[Order], [Price], [Alarm]]);
    const [byText, byTime] = [
      joinWith(Alarm, { left: field(Order, 'id'), right: field(Alarm, 'text'), kind: 'left' }),
      joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' }),
    ];
    const mill = new WaterMill({ process: processFunction(joinStreams(Order, byText, byTime), {}, () => {}), broker });
    const served = serve(mill);
    broker.push(Order, ...orders(1, 2));
    broker.push(Price, ...prices(2, 3));
    broker.push(Alarm, message(Alarm, { text: 'o1' }));
    await open(await served.url);
    await shows('#legend', /Price ahead of Order: /);
    const colours = (await page.evaluate(`(() => {
      const line = document.createElement('i');
      line.style.color = document.querySelector('#skew polyline').getAttribute('stroke');
      return [line.style.color, document.querySelectorAll('#legend li')[1].style.borderColor];
    })()`)) as string[];
    expect(colours[0]).toMatch(/^rgb/);
    expect(colours[1]).toBe(colours[0]);
    let isBroken = true;
    page.on('request', (request) => {
      void (isBroken ? request.respond({ status: 500, body: 'out of order' }) : request.continue());
    });
    await page.setRequestInterception(true);
    await shows('#state', /^The service answers with an error: out of order$/);
    isBroken = false;
    await shows('#state', /^running/);
    await mill.stop();
    expect(await served.ended).toBe(0);
    await shows('#state', /does not answer/);
    expectNoProblems();
  });

  it('continues with a service that was started again, also with another plan', async () => {
    const start = (process: typeof sell, port: number) => {
      const broker = new MemoryMessageBroker([[Order], [Price]]);
      const mill = new WaterMill({ process, broker });
      return { broker, mill, served: serve(mill, { port }) };
    };
    const first = start(sell, 0);
    first.broker.push(Order, ...orders(...range(500)));
    first.broker.push(Price, ...prices(...range(500)));
    const url = await first.served.url;
    await open(url);
    await shows('#node-0 .live', /^500 read/);
    await page.evaluate(`
      window.rates = [];
      const node = document.querySelector('#node-0');
      const note = () => rates.push(node.querySelector('.live').textContent);
      new MutationObserver(note).observe(node, { childList: true, subtree: true });`);
    await first.mill.stop();
    await first.served.ended;
    await shows('#state', /does not answer/);
    const second = start(sell, Number(new URL(url).port));
    await shows('#node-0 .live', /^0 read/);
    const rates = (await page.evaluate('rates')) as string[];
    expect(rates.filter((text) => text.includes('-'))).toEqual([]);
    await second.mill.stop();
    await second.served.ended;
    await shows('#state', /does not answer/);
    const process = processFunction(joinStreams(Order, joinWith(Price, { ...times, kind: 'left' })), {}, () => {});
    const loaded = page.waitForNavigation();
    const third = start(process as never, Number(new URL(url).port));
    await loaded;
    await shows('#edge-1', /left: /);
    await shows('#state', /^running/);
    await third.mill.stop();
    await third.served.ended;
    expectNoProblems();
  });

  /** The browser itself reports requests that are not answered, or with an error. */
  function expectNoProblems(): void {
    const expected = /net::ERR_CONNECTION_REFUSED|responded with a status of 500/;
    expect(problems.splice(0).filter((problem) => !expected.test(problem))).toEqual([]);
  }
});

describe('the page of a service', () => {
  it('has a content security policy, and loads nothing from elsewhere', async () => {
    const broker = new MemoryMessageBroker([[Order], [Price]]);
    const mill = new WaterMill({ process: sell, broker });
    const served = serve(mill);
    const response = await served.get('/');
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; .*script-src 'sha256-[\w+/=]+'/,
    );
    const html = await response.text();
    expect(html.match(/(?:src|href)="[^"]*"/g)).toEqual(
      ['data:,', 'metrics', 'plan?format=text', 'progress', 'healthz'].map((target) => `href="${target}"`),
    );
    await mill.stop();
    expect(await served.ended).toBe(0);
  });
});
