import { DataKey, message, Process, processFunction, type Waiting, WaterMill } from 'watermill';
import { settled, VirtualClock } from '../support/virtual-clock.js';
import { Order, orders, Price, prices, range, Sale, sell } from './support/model.js';
import { RecordingLogger } from './support/recording-logger.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

const never = new Promise<never>(() => {});

/** A running mill, and its reports about waiting. */
async function watched(options: object) {
  const clock = new VirtualClock();
  const logger = new RecordingLogger();
  const told: Waiting[] = [];
  const mill = new WaterMill({
    clock,
    logger,
    onWaiting: (waiting: Waiting) => told.push(waiting),
    ...options,
  } as never);
  const run = mill.run();
  await clock.advance(0);
  const warnings = () => logger.lines.filter(({ level }) => level === 'warn').map(({ text }) => text);
  return { clock, logger, told, mill: mill as WaterMill, run, warnings };
}

const silentPrices = () => {
  const live = new ScriptedStream(prices(1), true);
  const broker = new ScriptedBroker([
    [Order, orders(...range(20, 1))],
    [Price, live],
  ]);
  return { live, broker };
};

describe('a lane that waits', () => {
  it('for a silent stream reports who waits for whom, and since when', async () => {
    const { broker, live } = silentPrices();
    const { clock, mill, run, told, warnings } = await watched({ process: sell, broker });
    await clock.advance(7_000);
    expect(told).toEqual([]);
    expect(mill.progress().waiting).toEqual([
      {
        lane: '0',
        for: 'input',
        awaited: ['Price'],
        waiters: ['Order'],
        forMs: 7_000,
        isHeldUp: true,
        sentence:
          'Lane 0: elements of Order are available, and wait for more of Price (stream-1); none arrived for 7 s.',
      },
    ]);
    await clock.advance(93_000);
    expect(told.map(({ forMs }) => forMs)).toEqual([10_000, 20_000, 40_000, 80_000]);
    expect(warnings()).toEqual(told.map(({ sentence }) => sentence));
    // A restart would not help.
    expect(mill.health()).toMatchObject({ ready: true, healthy: true, lanes: [{ lane: '0', healthy: true }] });
    live.push(...prices(...range(20, 2)));
    await settled();
    expect(mill.progress().waiting).toEqual([]);
    await run;
    expect(clock.pending).toBe(0);
  });

  it('resets after a new element', async () => {
    const { broker, live } = silentPrices();
    const { clock, told, mill } = await watched({ process: sell, broker, waitingAfterMs: 100 });
    await clock.advance(350);
    live.push(...prices(3));
    await clock.advance(199);
    expect(told.map(({ forMs }) => forMs)).toEqual([100, 200, 100]);
    await mill.stop();
  });

  it('without available input is idle, not blocked', async () => {
    const broker = new ScriptedBroker([[Order, new ScriptedStream(orders(1), true)]]);
    const { clock, told, mill } = await watched({ process: processFunction(Order, {}, () => {}), broker });
    await clock.advance(100_000);
    expect(told).toEqual([]);
    expect(mill.progress().waiting).toMatchObject([{ for: 'input', awaited: ['Order'], forMs: 100_000 }]);
    expect(mill.health().healthy).toBe(true);
    await mill.stop();
  });

  it('is stuck if the broker knows that there is more', async () => {
    const { broker, live } = silentPrices();
    live.lag = 5;
    const { clock, mill } = await watched({ process: sell, broker });
    await clock.advance(59_999);
    expect(mill.health().healthy).toBe(true);
    await clock.advance(1);
    expect(mill.health()).toMatchObject({ ready: true, healthy: false, lanes: [{ healthy: false }] });
    await mill.stop();
  });

  it('for a call in progress names the element, and is stuck after a while', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(9))]]);
    const process = processFunction(Order, {}, async ({ time }) => {
      if (time === 4) await never;
    });
    const { clock, told, mill } = await watched({ process, broker });
    await clock.advance(61_000);
    expect(told[0]).toMatchObject({
      for: 'call',
      sentence: 'Lane 0: the process function is processing Order at position 4 of stream-0 for 10 s.',
    });
    expect(mill.health()).toMatchObject({ healthy: true });
    expect(mill.health({ stuckAfterMs: 50_000 })).toMatchObject({
      healthy: false,
      lanes: [{ waiting: { for: 'call' } }],
    });
  });

  it('for saves reports the number of open calls; a save counts as progress', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(9))]]);
    const keys: DataKey[] = [];
    const process = processFunction(Order, { inject: [DataKey] }, (_, key) => void keys.push(key));
    const { clock, told, mill } = await watched({ process, broker, maxOpen: 3 });
    await clock.advance(9_000);
    mill.saveResults(keys[1]!);
    await clock.advance(9_000);
    expect(told).toEqual([]);
    await clock.advance(2_000);
    expect(told).toMatchObject([{ for: 'saves', isHeldUp: true }]);
    expect(told[0]!.sentence).toBe(
      `Lane 0 waits for saveResults: 2 calls are open, the first has key ${keys[0]}, and none was saved for 11 s.`,
    );
    await clock.advance(49_000);
    expect(mill.health().healthy).toBe(false);
    mill.saveResults(keys[0]!);
    await settled();
    expect(mill.health().healthy).toBe(true);
    await mill.stop();
  });

  it('for saves at its end reports it, too', async () => {
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    const keys: DataKey[] = [];
    const process = processFunction(Order, { inject: [DataKey] }, (_, key) => void keys.push(key));
    const { clock, warnings, mill, run } = await watched({ process, broker });
    await clock.advance(10_000);
    expect(warnings()).toEqual([expect.stringContaining('waits for saveResults: 1 calls are open')]);
    mill.saveResults(keys[0]!);
    await run;
  });

  it('for a broker names it and its operation', async () => {
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    const { connect } = broker;
    broker.connect = async (request) => {
      const connection = await connect.call(broker, request);
      const { openWriter } = connection;
      connection.openWriter = async (...args) => Object.assign(await openWriter(...args), { flush: () => never });
      return connection;
    };
    const { clock, told, mill } = await watched({ process: processFunction(Order, {}, () => {}), broker });
    await clock.advance(60_000);
    expect(told[0]?.sentence).toBe('Lane 0: ScriptedBroker is making results durable for 10 s.');
    expect(mill.health().healthy).toBe(false);
  });
});

describe('a run that waits', () => {
  let finish = (): void => {};
  let wait: Promise<void>;
  beforeEach(() => {
    wait = new Promise((resolve) => {
      finish = resolve;
    });
  });

  class Seller {
    async [Symbol.asyncDispose]() {
      await wait;
    }
    @Process(Order, { emits: [] })
    sell(_: Order): void {}
  }
  const broker = () => new ScriptedBroker([[Order, orders(1)]]);

  it.each<[string, () => object, string]>([
    [
      'for its instance to be disposed',
      () => ({ process: Seller, broker: broker() }),
      'the instance of Seller.sell to be disposed',
    ],
    [
      'for a container',
      () => ({
        process: Seller,
        broker: broker(),
        container: { resolve: () => wait.then(() => new Seller()) },
      }),
      'the instance, the parameters or the workers of Seller.sell',
    ],
    [
      'for its broker',
      () => {
        const slow = broker();
        const connect = slow.connect.bind(slow);
        slow.connect = (request) => wait.then(() => connect(request));
        return { process: Seller, broker: slow };
      },
      'ScriptedBroker to connect',
    ],
  ])('%s says so', async (_, options, what) => {
    const { clock, run, warnings } = await watched(options());
    await clock.advance(45_000);
    expect(warnings()).toEqual([10, 20, 40].map((seconds) => `The run has waited for ${seconds} s for ${what}.`));
    finish();
    await settled();
    await expect(run).resolves.toMatchObject({ ended: 'master ended' });
  });
});

describe('an onWaiting', () => {
  it('that throws is logged, and the mill continues', async () => {
    const { broker, live } = silentPrices();
    const onWaiting = () => {
      throw new Error('no');
    };
    const { clock, logger, run } = await watched({ process: sell, broker, onWaiting });
    await clock.advance(10_000);
    expect(logger.lines.filter(({ level }) => level === 'error').map(({ text }) => text)).toEqual(['onWaiting failed']);
    live.end();
    await run;
  });

  it('that returns a rejected promise is logged, and the mill continues', async () => {
    const { broker, live } = silentPrices();
    const { clock, logger, run } = await watched({ process: sell, broker, onWaiting: () => never });
    const rejecting = await watched({
      process: sell,
      broker: silentPrices().broker,
      onWaiting: () => Promise.reject(new Error('no')),
    });
    await rejecting.clock.advance(10_000);
    await settled();
    expect(rejecting.logger.lines).toContainEqual(
      expect.objectContaining({ level: 'error', text: 'onWaiting failed' }),
    );
    await rejecting.mill.stop();
    await clock.advance(10_000);
    expect(logger.lines.filter(({ level }) => level === 'error')).toEqual([]);
    live.end();
    await run;
  });

  it.each([
    ['onWaiting', 5],
    ['waitingAfterMs', 0],
    ['waitingAfterMs', '1'],
  ])('is refused: option %s cannot be %p', (name, value) => {
    const broker = new ScriptedBroker([[Order, []]]);
    const options = { process: processFunction(Order, {}, () => {}), broker, [name]: value };
    expect(() => new WaterMill(options)).toThrow(`${name}: expected`);
  });
});

describe('health', () => {
  it('is not ready before and after the run; a stopped mill is healthy', async () => {
    const broker = new ScriptedBroker([[Order, new ScriptedStream([], true)]]);
    const mill = new WaterMill({ process: processFunction(Order, {}, () => {}), broker });
    expect(mill.health()).toEqual({ ready: false, healthy: true, lanes: [] });
    const run = mill.run();
    await settled();
    expect(mill.health()).toMatchObject({ ready: true, healthy: true });
    const stopped = mill.stop();
    expect(mill.health().ready).toBe(false);
    await stopped;
    await run;
    expect(mill.health()).toMatchObject({ ready: false, healthy: true, lanes: [{ ended: 'stopped' }] });
  });

  it('is not healthy after a failure', async () => {
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    const process = processFunction(Order, { emits: [Sale] }, ({ id }) => {
      if (id === 'o0') throw new Error('no');
      return message(Sale, { id, amount: 1 });
    });
    const mill = new WaterMill({ process, broker });
    await rejection(mill.run());
    expect(mill.health()).toMatchObject({ ready: false, healthy: false });
  });
});
