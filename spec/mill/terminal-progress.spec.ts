import 'reflect-metadata';
import { EventEmitter } from 'node:events';
import {
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  processFunction,
  runService,
  WaterMill,
} from 'watermill';
import { refusal } from '../support/refusal.js';
import { settled, VirtualClock } from '../support/virtual-clock.js';

@Message()
class Order {
  @Field() t!: number;
}

@Message()
class Price {
  @Field() t!: number;
}

const numbers = (count: number) => Array.from({ length: count }, (_, t) => ({ t }));
const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 't'), right: field(Price, 't') }));

/** A terminal that records its screen: complete lines, and the one with the cursor. */
class Screen extends EventEmitter {
  isTTY = true;
  columns: number | undefined = 120;
  writableNeedDrain = false;
  writableLength = 0;
  written = '';

  write(text: string, done?: () => void): boolean {
    this.written += text;
    if (done !== undefined) queueMicrotask(done);
    return true;
  }

  get lines(): string[] {
    return this.written.split('\n').map((line) => line.split('\r\u001b[K').at(-1) ?? '');
  }

  get last(): string {
    return this.lines.at(-1) ?? '';
  }
}

const stderr = Object.getOwnPropertyDescriptor(process, 'stderr') as PropertyDescriptor;
const { CI, TERM } = process.env;
let screen: Screen;
let clock: VirtualClock;

beforeEach(() => {
  screen = new Screen();
  clock = new VirtualClock();
  Object.defineProperty(process, 'stderr', { value: screen, configurable: true });
  delete process.env.CI;
  process.env.TERM = 'xterm';
});
afterEach(() => {
  Object.defineProperty(process, 'stderr', stderr);
  if (CI !== undefined) process.env.CI = CI;
  if (TERM === undefined) delete process.env.TERM;
  else process.env.TERM = TERM;
});

/** A mill with delayed calls: a number of orders is processed for each call of `call`. */
function slowMill(options: object = {}, orders = 100, prices = 200) {
  const calls: (() => void)[] = [];
  const process = processFunction(tree, {}, () => new Promise<void>((resolve) => calls.push(resolve)));
  const broker = new MemoryMessageBroker([
    [Order, numbers(orders)],
    [Price, numbers(prices)],
  ]);
  const mill = new WaterMill({ process, broker, clock, progress: 'terminal', ...options });
  const letGo = async (count: number) => {
    for (let i = 0; i < count; i++) {
      while (calls.length === 0) await settled();
      calls.shift()?.();
    }
    while (calls.length === 0) await settled();
  };
  return { mill, letGo, calls };
}

async function end({ mill, calls }: ReturnType<typeof slowMill>, running: Promise<unknown>): Promise<void> {
  const stopping = mill.stop();
  for (const call of calls) call();
  await Promise.all([stopping, running]);
}

it('shows a line that is updated, and removes it at the end', async () => {
  const slow = slowMill();
  const running = slow.mill.run();
  await slow.letGo(39);
  expect(screen.written).toBe('');
  await clock.advance(250);
  expect(screen.last).toMatch(/^\d+ % {2}[\d,]+\/s {2}Order \d+ \(\d+ %\) {2}Price \d+ \(\d+ %\) {2}40 calls$/);
  await slow.letGo(10);
  await clock.advance(250);
  expect(screen.last).toMatch(/ {2}50 calls$/);
  expect(screen.lines).toHaveLength(1);
  await end(slow, running);
  expect([screen.last, clock.pending]).toEqual(['', 0]);
  expect(screen.listenerCount('error')).toBe(0);
});

it('shows the elements of the last two seconds as a rate', async () => {
  const slow = slowMill({}, 3_000, 3_000);
  const running = slow.mill.run();
  await slow.letGo(1);
  await clock.advance(500);
  const { nodes } = slow.mill.progress();
  const read = nodes.reduce((sum, node) => sum + node.read, 0);
  expect(screen.last).toContain(`  ${(read * 2).toLocaleString('en-US')}/s  `);
  await clock.advance(3_000);
  expect(screen.last).toContain('  0/s  ');
  await end(slow, running);
});

it('shows who is waited for after a while', async () => {
  const broker = new MemoryMessageBroker([[Order, numbers(3)], [Price]]);
  broker.push(Price, { t: 0 });
  const mill = new WaterMill({ process: processFunction(tree, {}, () => {}), broker, clock, progress: 'terminal' });
  const running = mill.run();
  await clock.advance(750);
  expect(screen.last).not.toContain('waits');
  await clock.advance(1_250);
  expect(screen.last).toMatch(/ {2}waits for Price, [\d.]+ s$/);
  await mill.stop();
  await running;
  expect(screen.last).toBe('');
});

it('prints each log message on its own line', async () => {
  const print = (_: object, text: string) => void screen.write(`${text.split('\n')[0]}\n`);
  const logger = { debug: () => {}, info: print, warn: print, error: print };
  const slow = slowMill({ logger, onWaiting: () => {}, waitingAfterMs: 500 });
  const running = slow.mill.run();
  await slow.letGo(1);
  await clock.advance(2_000);
  expect(screen.lines.length).toBeGreaterThan(1);
  expect(screen.lines.slice(0, -1).every((line) => /^lane 0|waits|call/i.test(line) && !line.includes('%'))).toBe(true);
  expect(screen.last).toContain(' calls');
  await end(slow, running);
  expect(screen.lines.at(-2)).toMatch(/^stopped after/);
});

it('shares the line among the mills of a process, also of a service', async () => {
  const [a, b] = [slowMill(), slowMill()];
  const running = [a.mill.run(), b.mill.run()];
  await a.letGo(1);
  await b.letGo(2);
  await clock.advance(250);
  expect(screen.last).toMatch(/ 2 calls \| .* 3 calls$/);
  await end(a, running[0] as Promise<unknown>);
  await clock.advance(250);
  expect(screen.last).toMatch(/^[^|]* 3 calls$/);
  await end(b, running[1] as Promise<unknown>);
  expect(screen.last).toBe('');

  const c = slowMill();
  const print = (_: object, text: string) => void screen.write(`${text}\n`);
  const service = runService(c.mill, { logger: { debug: print, info: print, warn: print, error: print } });
  await c.letGo(1);
  await clock.advance(250);
  await end(c, service);
  expect(screen.lines.at(-2)).toMatch(/^stopped after/);
});

it.each([
  ['no terminal', () => (screen.isTTY = false)],
  ['a build server', () => (process.env.CI = 'true')],
  ['a terminal that cannot go back', () => (process.env.TERM = 'dumb')],
])('shows nothing on %s', async (_, make) => {
  make();
  const slow = slowMill();
  const running = slow.mill.run();
  await slow.letGo(3);
  await clock.advance(1_000);
  await end(slow, running);
  expect(screen.written).toBe('');
});

it('fits into the terminal, and uses no colours', async () => {
  screen.columns = 30;
  const slow = slowMill();
  const running = slow.mill.run();
  await slow.letGo(3);
  await clock.advance(250);
  expect(screen.last).toHaveLength(29);
  expect(screen.last.endsWith('…')).toBe(true);
  expect(screen.written.replaceAll('\r\u001b[K', '')).not.toContain('\u001b');
  await end(slow, running);
});

it('survives a closed terminal, and writes nothing to a stopped one', async () => {
  const slow = slowMill();
  const running = slow.mill.run();
  await slow.letGo(3);
  await clock.advance(250);
  screen.emit('error', new Error('EIO'));
  const before = screen.written;
  screen.writableNeedDrain = true;
  await clock.advance(1_000);
  expect(screen.written).toBe(before);
  screen.writableNeedDrain = false;
  await end(slow, running);
});

it('is off by default, and refuses another value', async () => {
  const slow = slowMill({ progress: undefined });
  const running = slow.mill.run();
  await slow.letGo(3);
  await clock.advance(1_000);
  await end(slow, running);
  expect(screen.written).toBe('');
  expect(refusal(() => slowMill({ progress: 'bar' }))).toEqual({
    code: 'WM_MILL_OPTIONS',
    message: 'progress: expected \'terminal\', found "bar".',
  });
});
