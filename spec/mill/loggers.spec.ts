import { type Logger, message, processFunction, WaterMill } from 'watermill';
import { settled } from '../support/virtual-clock.js';
import { Order, orders, Price, prices, Sale, tree } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker } from './support/scripted-broker.js';

const levels = ['debug', 'info', 'warn', 'error'] as const;
const each = (method: () => unknown): Logger =>
  Object.fromEntries(levels.map((level) => [level, method])) as unknown as Logger;

const loggers: readonly (readonly [string, () => Logger])[] = [
  [
    'throws',
    () =>
      each(() => {
        throw new Error('no log');
      }),
  ],
  [
    'throws what cannot be printed',
    () =>
      each(() => {
        throw Object.create(null);
      }),
  ],
  ['gives promises that are rejected', () => each(() => Promise.reject(new Error('no log')))],
  ['gives promises that are never kept', () => each(() => new Promise(() => {}))],
  [
    'gives what looks like a promise and throws',
    () =>
      each(() =>
        Object.defineProperty({}, 'then', {
          get() {
            throw new Error('no promise');
          },
        }),
      ),
  ],
  [
    'loses its methods',
    () => {
      const logger = each(() => {}) as { -readonly [K in keyof Logger]?: Logger[K] };
      queueMicrotask(() => {
        for (const level of levels) delete logger[level];
      });
      return logger as Logger;
    },
  ],
];

describe.each(loggers)('a logger that %s', (_, make) => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  beforeEach(() => {
    warnings.length = 0;
    process.on('warning', onWarning);
    jest.spyOn(process, 'emitWarning').mockImplementation((text, type) => {
      warnings.push(Object.assign(new Error(String(text)), { name: String(type) }));
    });
  });
  afterEach(() => {
    process.off('warning', onWarning);
    jest.restoreAllMocks();
  });

  it('does not change the behaviour of a mill; one warning says that lines may be lost', async () => {
    const logger = make();
    const broker = new ScriptedBroker([
      [Order, orders(1, 2)],
      [Price, prices(100)],
    ]);
    const failing = processFunction(tree, { emits: [Sale], onError: 'skip' }, (order) => {
      throw new Error(order.id);
    });
    const report = await new WaterMill({ process: failing, broker, logger }).run();
    // It warns that nothing matched, and logs the report.
    expect(report).toMatchObject({ ended: 'master ended', silentEdges: [expect.anything()] });
    await settled();
    expect(warnings.length).toBeLessThanOrEqual(1);
    for (const { name } of warnings) expect(name).toBe('WaterMillWarning');
  });

  it('hides no failure of a mill, and no call that was passed over', async () => {
    const logger = make();
    const process = (onError: 'skip' | 'fail') =>
      processFunction(Order, { emits: [Sale], onError }, ({ id }) => {
        if (id === 'o1') throw new Error('no stock');
        return message(Sale, { id, amount: 1 });
      });
    const passing = new ScriptedBroker([[Order, orders(0, 1, 2)]]);
    const report = await new WaterMill({ process: process('skip'), broker: passing, logger }).run();
    expect(report).toMatchObject({ calls: 3, failedCalls: 1 });
    const failing = new ScriptedBroker([[Order, orders(0, 1, 2)]]);
    const run = new WaterMill({ process: process('fail'), broker: failing, logger: make() }).run();
    const error = await rejection(run);
    expect(error).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(failing.written(Sale).map(({ id }) => id)).toEqual(['o0']);
  });
});

it('a logger with throwing getters is refused when the mill is created', () => {
  const logger = Object.defineProperty({}, 'debug', {
    get() {
      throw new Error('no');
    },
  }) as Logger;
  const broker = new ScriptedBroker([[Order, []]]);
  expect(() => new WaterMill({ process: processFunction(Order, {}, () => {}), broker, logger })).toThrow(
    expect.objectContaining({ code: 'WM_MILL_OPTIONS' }),
  );
});
