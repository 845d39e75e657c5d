import { BadMessage, DataKey, EndOfStream, message, processFunction, WaterMill, type WaterMillError } from 'watermill';
import { settled, until, VirtualClock } from '../support/virtual-clock.js';
import { Alarm, Order, orders, Price, prices, range, Sale, tree } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

const ids = (broker: ScriptedBroker): string[] => broker.written(Sale).map(({ id }) => id);
const sale = (id: string, amount = 1): Sale => message(Sale, { id, amount });

/** A process that leaves every call open, and its keys. */
function keeping(more: (order: Order) => any = () => undefined) {
  const keys: DataKey[] = [];
  const process = processFunction(Order, { inject: [DataKey], emits: [Sale] }, (order, key) => {
    keys.push(key);
    return more(order);
  });
  return { keys, process };
}

const thrown = (work: () => unknown): WaterMillError => {
  try {
    work();
  } catch (error) {
    return error as WaterMillError;
  }
  throw new Error('It did not throw.');
};

describe('results that are saved later', () => {
  it('are written in the order of the calls, as soon as all earlier ones are saved', async () => {
    const live = new ScriptedStream(orders(1, 2, 3, 4), true);
    const broker = new ScriptedBroker([[Order, live]]);
    const { keys, process } = keeping();
    const mill = new WaterMill({ process, broker });
    const run = mill.run();
    await settled();
    expect(keys).toHaveLength(4);
    expect(mill.progress()).toMatchObject({ calls: 4, openCalls: 4 });
    mill.saveResults(keys[2]!, sale('c'));
    mill.saveResults(keys[1]!.id, [sale('b1'), undefined, sale('b2')]);
    await settled();
    expect(ids(broker)).toEqual([]);
    mill.saveResults(keys[0]!);
    await settled();
    expect(ids(broker)).toEqual(['b1', 'b2', 'c']);
    expect(mill.progress()).toMatchObject({ openCalls: 1 });
    live.end();
    await settled();
    expect(broker.sink().ended).toBe(0);
    mill.saveResults(keys[3]!, [sale('d')]);
    expect(await run).toMatchObject({ ended: 'master ended', calls: 4, emitted: [{ count: 4 }] });
    expect(ids(broker)).toEqual(['b1', 'b2', 'c', 'd']);
    expect(broker.sink()).toMatchObject({ ended: 1, published: 1 });
  });

  it('may be saved within the call, and follow the results that the call itself returns', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(300))]]);
    const process = processFunction(Order, { inject: [DataKey], emits: [Sale] }, async (order, key) => {
      mill.saveResults(key, sale(`${order.id} saved`));
      await Promise.resolve();
      return sale(`${order.id} returned`);
    });
    const mill: WaterMill = new WaterMill({ process, broker });
    await mill.run();
    expect(ids(broker)).toEqual(range(300).flatMap((i) => [`o${i} returned`, `o${i} saved`]));
  });

  it('of a call that ends the stream are awaited, and nothing is called after it', async () => {
    const broker = new ScriptedBroker([[Order, orders(0, 1, 2, 3)]]);
    const { keys, process } = keeping(({ time }) => (time === 2 ? new EndOfStream() : undefined));
    const mill = new WaterMill({ process, broker });
    const run = mill.run();
    await settled();
    for (const [i, key] of keys.toReversed().entries()) mill.saveResults(key, sale(`${2 - i}`));
    expect(await run).toMatchObject({ ended: 'process', calls: 3 });
    expect(ids(broker)).toEqual(['0', '1', '2']);
    expect(broker.sink()).toMatchObject({ ended: 1, published: 1 });
  });
});

describe('the limit of open calls', () => {
  it('is 1,000 by default: the lane pauses, and continues when the first are saved', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(1500))]]);
    const { keys, process } = keeping();
    const mill = new WaterMill({ process, broker });
    const run = mill.run();
    await until(() => keys.length >= 1000);
    await settled();
    expect(keys).toHaveLength(1000);
    for (const key of keys.slice(500)) mill.saveResults(key);
    await settled();
    expect(keys).toHaveLength(1000);
    for (const key of keys.slice(0, 500)) mill.saveResults(key);
    await until(() => keys.length === 1500);
    for (const key of keys.slice(1000)) mill.saveResults(key);
    await run;
    expect(keys).toHaveLength(1500);
  });

  it('is maxOpen, including calls after an open one', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(10))]]);
    const { keys, process } = keeping();
    const mill = new WaterMill({ process, broker, maxOpen: 3 });
    const run = mill.run();
    await settled();
    expect(keys).toHaveLength(3);
    mill.saveResults(keys[2]!);
    await settled();
    expect(keys).toHaveLength(3);
    mill.saveResults(keys[0]!);
    await settled();
    expect(keys).toHaveLength(4);
    await mill.stop();
    expect((await run).ended).toBe('stopped');
  });

  it.each([0, 1.5, '3'])('refuses %p', (maxOpen) => {
    const broker = new ScriptedBroker([[Order, []]]);
    expect(thrown(() => new WaterMill({ process: keeping().process, broker, maxOpen: maxOpen as number })).code).toBe(
      'WM_MILL_OPTIONS',
    );
  });

  it('is refused if no call stays open', () => {
    const broker = new ScriptedBroker([[Order, []]]);
    const error = thrown(() => new WaterMill({ process: processFunction(Order, {}, () => {}), broker, maxOpen: 3 }));
    expect(error.message).toContain('has no DataKey and no concurrency, so no call stays open');
  });
});

describe('positions', () => {
  it.each([[[]], [[1]], [[0]], [[0, 1, 2]], [[0, 2, 3]], [[1, 2, 3, 4]]])(
    'are committed by stop() as far as calls %p are saved without a gap; the rest is called again',
    async (saved: number[]) => {
      const broker = new ScriptedBroker([[Order, orders(...range(5))]]);
      const { keys, process } = keeping();
      const mill = new WaterMill({ process, broker });
      const run = mill.run();
      await settled();
      for (const i of saved) expect(mill.saveResults(keys[i]!, sale(`o${i}`))).toBe(true);
      await mill.stop();
      expect((await run).ended).toBe('stopped');
      const count = range(6).findIndex((i) => !saved.includes(i));
      expect(ids(broker)).toEqual(range(count).map((i) => `o${i}`));

      const called: string[] = [];
      const rest = processFunction(Order, { emits: [Sale] }, ({ id }) => {
        called.push(id);
        return sale(id);
      });
      await new WaterMill({ process: rest, broker }).run();
      expect(called).toEqual(range(5 - count, count).map((i) => `o${i}`));
      expect(ids(broker)).toEqual(range(5).map((i) => `o${i}`));
    },
  );

  it('are committed by time, also when the streams have ended and saves are pending', async () => {
    const clock = new VirtualClock();
    const broker = new ScriptedBroker([[Order, orders(0, 1, 2)]]);
    const { keys, process } = keeping();
    const mill = new WaterMill({ process, broker, clock, commitEvery: { ms: 100 } });
    const run = mill.run();
    await settled();
    mill.saveResults(keys[0]!, sale('a'));
    await settled();
    const before = broker.commits.get('0');
    mill.saveResults(keys[1]!, sale('b'));
    await clock.advance(100);
    expect(ids(broker)).toEqual(['a', 'b']);
    expect(broker.commits.get('0')).not.toBe(before);
    mill.saveResults(keys[2]!);
    await run;
  });

  it('are committed by time, also while the lane waits for saves, and only if they have moved', async () => {
    const clock = new VirtualClock();
    const broker = new ScriptedBroker([[Order, orders(...range(5))]]);
    const { keys, process } = keeping();
    const mill = new WaterMill({ process, broker, clock, maxOpen: 3, commitEvery: { ms: 100 } });
    const run = mill.run();
    const commits = (): number => broker.calls.filter((call) => call === 'commit').length;
    await clock.advance(1000);
    const before = commits();
    await clock.advance(1000);
    expect(commits()).toBe(before);
    mill.saveResults(keys[0]!, sale('o0'));
    await clock.advance(100);
    expect(commits()).toBe(before + 1);
    expect(JSON.parse(broker.commits.get('0')!).lane.nodes[0].from).toBe(1);
    await mill.stop();
    await run;
  });
});

describe('saveResults', () => {
  /** Two open calls of a running mill. */
  async function open() {
    const broker = new ScriptedBroker([[Order, orders(0, 1)]]);
    const { keys, process } = keeping();
    const mill = new WaterMill({ process, broker });
    const run = mill.run();
    await settled();
    return { broker, keys, process, mill, run };
  }

  it('refuses a call that is already saved', async () => {
    const { keys, mill } = await open();
    mill.saveResults(keys[0]!);
    const error = thrown(() => mill.saveResults(keys[0]!));
    expect(error).toMatchObject({ code: 'WM_SAVED_TWICE', details: { key: keys[0]!.id } });
    expect(error.message).toContain(keys[0]!.id);
    await mill.stop();
  });

  it.each([
    ['an unknown id', 'k-1'],
    ['no key at all', 5],
    ['the element', message(Order, { time: 0, id: 'o0' })],
    ['what has no text', Object.create(null)],
  ])('refuses %s', async (_, key) => {
    const { mill } = await open();
    expect(thrown(() => mill.saveResults(key as unknown as DataKey)).code).toBe('WM_DATA_KEY');
    await mill.stop();
  });

  it('refuses the key of an earlier run, even if it is used again', async () => {
    const { broker, keys, mill, process } = await open();
    await mill.stop();
    const later = new WaterMill({ process, broker });
    const run = later.run();
    await settled();
    const error = thrown(() => later.saveResults(keys[0]!));
    expect(error.code).toBe('WM_DATA_KEY');
    expect(error.message).toContain('calls that an earlier run or another mill left open are made again');
    for (const key of keys.slice(2)) later.saveResults(key, sale(key.id));
    await run;
    expect(ids(broker)).toEqual(keys.slice(2).map(({ id }) => id));
  });

  it('returns false after the end of the run: it did not wait', async () => {
    const { broker, keys, mill } = await open();
    await mill.stop();
    expect(mill.saveResults(keys[0]!, sale('late'))).toBe(false);
    expect(ids(broker)).toEqual([]);
  });

  it.each([
    ['an element of another class', message(Alarm, { text: 'no' }), 'Alarm'],
    [
      'something in the middle of an array',
      [message(Sale, { id: 'x', amount: 1 }), 5],
      /^saveResults, for a call of .+, was given the number 5\. A result is/,
    ],
    ['a promise', Promise.resolve(), 'Await it'],
    ['an async generator', (async function* () {})(), 'Await it'],
    ['EndOfStream', new EndOfStream(), 'Only the process function can end the stream'],
  ])('refuses %s, and the call is still open', async (_, results, words) => {
    const { broker, keys, mill, run } = await open();
    const error = thrown(() => mill.saveResults(keys[0]!, results as object));
    expect(error.code).toBe('WM_RESULT');
    expect(error.message).toMatch(words);
    mill.saveResults(keys[0]!, sale('right'));
    mill.saveResults(keys[1]!);
    await run;
    expect(ids(broker)).toEqual(['right']);
  });

  it('is refused after a call that failed and was passed over', async () => {
    const broker = new ScriptedBroker([[Order, orders(0, 1)]]);
    const keys: DataKey[] = [];
    const process = processFunction(
      Order,
      { inject: [DataKey], emits: [Sale], onError: 'skip' },
      ({ time, id }, key): Sale => {
        keys.push(key);
        mill.saveResults(key, sale(`saved ${id}`));
        if (time === 0) throw new Error('no');
        return sale(`returned ${id}`);
      },
    );
    const mill: WaterMill = new WaterMill({ process, broker });
    expect(await mill.run()).toMatchObject({ failedCalls: 1 });
    expect(ids(broker)).toEqual(['returned o1', 'saved o1']);
  });
});

describe('a call that throws', () => {
  it('is closed by onError: later calls continue, and its dead letter keeps its place', async () => {
    const broker = new ScriptedBroker([[Order, orders(0, 1, 2)]]);
    const keys: DataKey[] = [];
    const process = processFunction(
      Order,
      { inject: [DataKey], emits: [Sale], onError: { deadLetter: BadMessage } },
      ({ time }, key) => {
        keys.push(key);
        if (time === 1) throw new Error('no');
      },
    );
    const mill = new WaterMill({ process, broker });
    const run = mill.run();
    await settled();
    expect(broker.written(BadMessage)).toEqual([]);
    expect(thrown(() => mill.saveResults(keys[1]!)).code).toBe('WM_SAVED_TWICE');
    mill.saveResults(keys[0]!);
    await settled();
    expect(broker.written(BadMessage).map(({ position }) => position)).toEqual([1]);
    mill.saveResults(keys[2]!);
    await run;
  });

  it('fails the run; results saved before it are written, and it is the first to be called again', async () => {
    const broker = new ScriptedBroker([[Order, orders(0, 1, 2)]]);
    const process = processFunction(Order, { inject: [DataKey], emits: [Sale] }, ({ time, id }, key) => {
      if (time === 1) throw new Error('no');
      mill.saveResults(key, sale(id));
    });
    const mill: WaterMill = new WaterMill({ process, broker });
    expect((await rejection(mill.run())).code).toBe('WM_PROCESS_FAILED');
    expect(ids(broker)).toEqual(['o0']);
    const called: string[] = [];
    await new WaterMill({ process: processFunction(Order, {}, ({ id }) => void called.push(id)), broker }).run();
    expect(called).toEqual(['o1', 'o2']);
  });

  it.each([0, 1, 2])('fails the run over a join as well: call %d is repeated', async (failing) => {
    const streams = [
      [Order, orders(0, 1, 2)],
      [Price, prices(0, 1, 2)],
    ] as const;
    const broker = new ScriptedBroker(streams, { batchSize: 10 });
    const called: string[] = [];
    const run = (fails: boolean) => {
      const process = processFunction(tree, { inject: [DataKey], emits: [Sale] }, ({ time, id }, _, key) => {
        called.push(id);
        if (fails && time === failing) throw new Error('no');
        mill.saveResults(key, sale(id));
      });
      const mill: WaterMill = new WaterMill({ process, broker, commitEvery: { elements: 1 } });
      return mill.run();
    };
    expect((await rejection(run(true))).code).toBe('WM_PROCESS_FAILED');
    await run(false);
    expect(called).toEqual(['o0', 'o1', 'o2'].flatMap((id, i) => (i === failing ? [id, id] : [id])));
    expect(ids(broker)).toEqual(['o0', 'o1', 'o2']);
  });
});
