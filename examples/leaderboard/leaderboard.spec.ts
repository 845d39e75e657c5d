import type { Browser } from 'puppeteer-core';
import { MemoryMessageBroker, message } from 'watermill';
import { describeInBrowser, startBrowser } from '../../spec/service/chromium.js';
import { serveBoard } from './board-server.js';
import { Win } from './messages.js';
import { makeMill, Standings } from './mill.js';

const win = (player: string, points: number): Win => message(Win, { player, points });

it('adds up the points of each player', async () => {
  const mill = makeMill(new MemoryMessageBroker([[Win, [win('bob', 2), win('ann', 1), win('bob', 3)]]]));
  await mill.run();
  expect([...mill.table(Standings).range()].map(({ player, points }) => `${player} ${points}`)).toEqual([
    'ann 1',
    'bob 5',
  ]);
});

describeInBrowser('in a browser', () => {
  let browser: Browser | undefined;
  afterEach(() => browser?.close());

  it('the page shows the players by points, as they change, also after it has connected again', async () => {
    const broker = new MemoryMessageBroker([[Win]]);
    const mill = makeMill(broker);
    const run = mill.run();
    let server = await serveBoard(mill);
    browser = await startBrowser();
    const tab = await browser.newPage();
    await tab.goto(server.url);
    const shows = (...lines: readonly string[]) =>
      tab.waitForFunction(`[...document.querySelectorAll('li')].map((each) => each.textContent).join() === '${lines}'`);
    await broker.push(Win, win('ann', 2), win('bob', 1));
    await shows('ann 2', 'bob 1');
    await broker.push(Win, win('bob', 2));
    await shows('bob 3', 'ann 2');
    server.close();
    await broker.push(Win, win('ann', 2));
    server = await serveBoard(mill, Number(new URL(server.url).port));
    await shows('ann 4', 'bob 3');
    broker.end(Win);
    await run;
    server.close();
  }, 60_000);
});
