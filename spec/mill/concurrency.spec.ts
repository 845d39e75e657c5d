import {
  BadMessage,
  DataKey,
  EndOfStream,
  field,
  joinStreams,
  joinWith,
  message,
  type Origin,
  Origin as OriginClass,
  Process,
  processFunction,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { Random } from '../support/random.js';
import { settled, until, VirtualClock } from '../support/virtual-clock.js';
import { LateOrder, Order, orders, Price, prices, range, Sale } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';
import { watched } from './support/watched-broker.js';

const ids = (broker: ScriptedBroker): string[] => broker.written(Sale).map(({ id }) => id);
const sale = (id: string, amount = 1): Sale => message(Sale, { id, amount });

/** Calls that a test resolves one by one, by the order's id. */
class Service {
  readonly asked: string[] = [];
  private readonly waiting = new Map<string, { resolve(value: any): void; reject(error: unknown): void }>();

  readonly ask = (id: string): Promise<any> => {
    this.asked.push(id);
    return new Promise((resolve, reject) => this.waiting.set(id, { resolve, reject }));
  };

  get inProgress(): number {
    return this.waiting.size;
  }

  answer(id: string, value: any = sale(id)): void {
    this.waiting.get(id)!.resolve(value);
    this.waiting.delete(id);
  }

  fail(id: string): void {
    this.waiting.get(id)!.reject(new Error(`no ${id}`));
    this.waiting.delete(id);
  }

  /** Resolves in a random order, until stopped. */
  async answerAll(random: Random, isOver: () => boolean): Promise<void> {
    while (!isOver()) {
      const ids = [...this.waiting.keys()];
      if (ids.length > 0) this.answer(ids[random.int(ids.length)] as string, undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}

function asking(service: Service, concurrency = 3, more: object = {}) {
  return processFunction(Order, { emits: [Sale], concurrency, ...more }, ({ id }) => service.ask(id));
}

describe('concurrency', () => {
  it('keeps that many calls in progress at once, and the order of results', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(6))]]);
    const mill = new WaterMill({ process: asking(service), broker });
    const run = mill.run();
    await until(() => service.inProgress === 3);
    await settled();
    expect(service.asked).toEqual(['o0', 'o1', 'o2']);
    expect(mill.progress()).toMatchObject({ calls: 3, openCalls: 3 });
    service.answer('o2');
    service.answer('o1', [sale('o1'), undefined, sale('o1 more')]);
    await until(() => service.inProgress === 3);
    await settled();
    expect(service.asked).toEqual(['o0', 'o1', 'o2', 'o3', 'o4']);
    expect(ids(broker)).toEqual([]);
    service.answer('o0');
    await until(() => service.asked.length === 6);
    expect(ids(broker)).toEqual(['o0', 'o1', 'o1 more', 'o2']);
    for (const id of ['o5', 'o3', 'o4']) service.answer(id);
    expect(await run).toMatchObject({ ended: 'master ended', calls: 6, emitted: [{ count: 7 }] });
    expect(ids(broker)).toEqual(['o0', 'o1', 'o1 more', 'o2', 'o3', 'o4', 'o5']);
    expect(broker.sink()).toMatchObject({ ended: 1, published: 1 });
  });

  it('holds no more calls after an open one than maxOpen', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(9))]]);
    const run = new WaterMill({ process: asking(service, 2), broker, maxOpen: 4 }).run();
    for (const id of ['o1', 'o2', 'o3']) {
      await until(() => service.asked.includes(id));
      service.answer(id);
    }
    await settled();
    expect(service.asked).toHaveLength(4);
    service.answer('o0');
    for (const id of range(5, 4).map((i) => `o${i}`)) {
      await until(() => service.asked.includes(id));
      service.answer(id);
    }
    await run;
    expect(ids(broker)).toEqual(range(9).map((i) => `o${i}`));
  });

  it('makes calls that return no promise one by one, in order', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(5))]]);
    const process = processFunction(Order, { emits: [Sale], concurrency: 4 }, ({ id, time }) =>
      time % 2 === 0 ? sale(id) : service.ask(id),
    );
    const run = new WaterMill({ process, broker }).run();
    await until(() => service.inProgress === 2);
    service.answer('o3');
    await settled();
    expect(ids(broker)).toEqual(['o0']);
    service.answer('o1');
    await run;
    expect(ids(broker)).toEqual(['o0', 'o1', 'o2', 'o3', 'o4']);
  });

  it('writes the output of async generators, each in its place', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(4))]]);
    class Enrich {
      @Process({ emits: [Sale], concurrency: 4 })
      async *enrich({ id }: Order): AsyncGenerator<Sale> {
        yield sale(`${id} first`);
        yield await service.ask(id);
      }
    }
    const run = new WaterMill({ process: new Enrich(), stream: Order, broker }).run();
    await until(() => service.inProgress === 4);
    for (const i of [3, 1, 0, 2]) service.answer(`o${i}`);
    await run;
    expect(ids(broker)).toEqual(range(4).flatMap((i) => [`o${i} first`, `o${i}`]));
  });

  it('also waits for results that are saved later', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(3))]]);
    const keys: DataKey[] = [];
    const process = processFunction(
      Order,
      { inject: [DataKey, OriginClass], emits: [Sale], concurrency: 2 },
      async ({ id }, key, origin: Origin) => {
        keys.push(key);
        await service.ask(id);
        return sale(`${id} at ${origin.position}`);
      },
    );
    const mill = new WaterMill({ process, broker });
    const run = mill.run();
    await until(() => keys.length === 2);
    mill.saveResults(keys[0]!, sale('saved 0'));
    service.answer('o1');
    await until(() => keys.length === 3);
    service.answer('o0');
    service.answer('o2');
    await settled();
    expect(ids(broker)).toEqual(['o0 at 0', 'saved 0']);
    mill.saveResults(keys[2]!, sale('saved 2'));
    mill.saveResults(keys[1]!, sale('saved 1'));
    await run;
    expect(ids(broker)).toEqual(['o0 at 0', 'saved 0', 'o1 at 1', 'saved 1', 'o2 at 2', 'saved 2']);
  });

  it.each([0, -1, 1.5, Number.NaN, '3', null])('refuses %p', (concurrency) => {
    const process = processFunction(Order, { concurrency: concurrency as number }, () => {});
    expect(() => new WaterMill({ process, broker: new ScriptedBroker([[Order, []]]) })).toThrow(
      'concurrency: expected how many calls may be in progress at once, a whole number, at least 1, found',
    );
  });

  it('is shown by explain()', () => {
    const mill = new WaterMill({ process: asking(new Service(), 16), broker: new ScriptedBroker([[Order, []]]) });
    expect(mill.explain()).toContain('in progress at once: up to 16 async calls of a lane');
  });
});

describe('a call that fails while others are in progress', () => {
  it('lets earlier calls finish, and drops later ones', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(9))]], { batchSize: 9 });
    const run = new WaterMill({ process: asking(service, 4), broker }).run();
    let isOver = false;
    void run.catch(() => {
      isOver = true;
    });
    await until(() => service.inProgress === 4);
    service.answer('o3');
    service.fail('o2');
    await settled();
    expect({ isOver, asked: service.asked.length }).toEqual({ isOver: false, asked: 4 });
    service.answer('o1');
    service.answer('o0');
    const error = await rejection(run);
    expect(error).toMatchObject({ code: 'WM_PROCESS_FAILED', details: { position: 2, message: 'Order' } });
    expect(ids(broker)).toEqual(['o0', 'o1']);
    const again = new Service();
    const second = new WaterMill({ process: asking(again, 4), broker }).run();
    await until(() => again.inProgress === 4);
    expect(again.asked).toEqual(['o2', 'o3', 'o4', 'o5']);
    for (const i of range(7, 2)) {
      await until(() => again.asked.includes(`o${i}`));
      again.answer(`o${i}`);
    }
    await second;
    expect(ids(broker)).toEqual(range(9).map((i) => `o${i}`));
  });

  it('is not the one that is reported if an earlier one fails after it', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(9))]]);
    const run = new WaterMill({ process: asking(service, 3), broker }).run();
    run.catch(() => {});
    await until(() => service.inProgress === 3);
    service.fail('o2');
    await settled();
    service.fail('o1');
    await settled();
    service.answer('o0');
    expect((await rejection(run)).details).toMatchObject({ position: 1 });
    expect(ids(broker)).toEqual(['o0']);
  });

  it('that throws at once waits for its turn, and no further call is made', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(9))]]);
    const process = processFunction(Order, { emits: [Sale], concurrency: 5 }, ({ id, time }) => {
      if (time === 2) throw new Error('two');
      return service.ask(id);
    });
    const run = new WaterMill({ process, broker }).run();
    run.catch(() => {});
    await until(() => service.inProgress === 2);
    await settled();
    expect(service.asked).toEqual(['o0', 'o1']);
    service.answer('o1');
    service.answer('o0');
    expect((await rejection(run)).details).toMatchObject({ position: 2 });
    expect(ids(broker)).toEqual(['o0', 'o1']);
  });

  it('comes before a fault in later input', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(0, 1, 2, 1)]]);
    const inOrder = tumblingWindow(Order, field(Order, 'time'), { size: 1 });
    const process = processFunction(inOrder, { emits: [Sale], concurrency: 5 }, ([first]) => service.ask(first!.id));
    const run = new WaterMill({ process, broker }).run();
    run.catch(() => {});
    await until(() => service.inProgress === 2);
    service.answer('o1');
    service.answer('o0');
    expect((await rejection(run)).code).toBe('WM_ORDER_VIOLATED');
    expect(ids(broker)).toEqual(['o0', 'o1']);
    const failing = new ScriptedBroker([[Order, orders(0, 1, 2, 1)]]);
    const second = new WaterMill({ process, broker: failing }).run();
    second.catch(() => {});
    await until(() => service.inProgress === 2);
    service.fail('o0');
    service.answer('o1');
    expect((await rejection(second)).code).toBe('WM_PROCESS_FAILED');
  });

  it('is skipped, or written as a dead letter in its place, as onError says', async () => {
    for (const onError of ['skip', { deadLetter: BadMessage }] as const) {
      const service = new Service();
      const broker = new ScriptedBroker([[Order, orders(...range(12))]], {
        originOf: (position) => ({ raw: Buffer.from(`raw ${position}`) }),
      });
      const run = new WaterMill({ process: asking(service, 3, { onError }), broker }).run();
      for (const i of [1, 2, 0, 5, 4, 3, 6, 7, 8, 9, 10, 11]) {
        await until(() => service.asked.includes(`o${i}`));
        if (i % 3 === 1) service.fail(`o${i}`);
        else service.answer(`o${i}`);
      }
      expect(await run).toMatchObject({ calls: 12, failedCalls: 4 });
      expect(ids(broker)).toEqual(
        range(12)
          .filter((i) => i % 3 !== 1)
          .map((i) => `o${i}`),
      );
      if (onError === 'skip') continue;
      const letters = broker.written(BadMessage).map(({ position, raw, error }) => [position, raw, error]);
      expect(letters).toEqual([1, 4, 7, 10].map((i) => [i, `raw ${i}`, `no o${i}`]));
    }
  });
});

describe('the end with several calls at once', () => {
  it('by EndOfStream drops later calls, even if they finished earlier', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(9))]]);
    const mill = new WaterMill({ process: asking(service, 4), broker });
    const run = mill.run();
    await until(() => service.inProgress === 4);
    service.answer('o3');
    service.answer('o1', [sale('last'), new EndOfStream()]);
    await settled();
    expect(service.asked).toHaveLength(4);
    service.answer('o0');
    expect(await run).toMatchObject({ ended: 'process', because: undefined });
    expect(ids(broker)).toEqual(['o0', 'last']);
    expect(broker.sink()).toMatchObject({ ended: 1, published: 1 });
    expect(JSON.parse(broker.commits.get('0')!).lane).toMatchObject({ ended: 'process', nodes: [{ from: 2 }] });
    expect((await new WaterMill({ process: asking(service, 4), broker }).run()).ended).toBe('already ended');
  });

  it('by EndOfStream may come after all input is read', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(0, 1)]]);
    const run = new WaterMill({ process: asking(service, 4), broker }).run();
    await until(() => service.inProgress === 2);
    service.answer('o1');
    await settled();
    service.answer('o0', new EndOfStream());
    expect(await run).toMatchObject({ ended: 'process', because: undefined });
    expect(ids(broker)).toEqual([]);
  });

  it('by EndOfStream of a call without a promise counts, even if the mill is stopped while an earlier call is in progress', async () => {
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(4))]]);
    const process = processFunction(Order, { emits: [Sale], concurrency: 2 }, ({ id }) =>
      id === 'o0' ? service.ask(id) : id === 'o1' ? [sale(id), new EndOfStream()] : sale(id),
    );
    const mill = new WaterMill({ process, broker });
    const run = mill.run();
    await until(() => service.inProgress === 1);
    await settled();
    const stop = mill.stop();
    await settled();
    service.answer('o0');
    await stop;
    expect((await run).ended).toBe('process');
    expect((await new WaterMill({ process, broker }).run()).ended).toBe('already ended');
    expect(ids(broker)).toEqual(['o0', 'o1']);
    expect(broker.sink().ended).toBe(1);
  });

  it('by stop() lets the calls in progress finish, also if one of them asks for it', async () => {
    const service = new Service();
    const live = new ScriptedStream(orders(...range(9)), true);
    const broker = new ScriptedBroker([[Order, live]]);
    const process = processFunction(Order, { emits: [Sale], concurrency: 3 }, async ({ id }) => {
      const found = await service.ask(id);
      if (id === 'o1') await mill.stop();
      return found;
    });
    const mill: WaterMill = new WaterMill({ process, broker });
    const run = mill.run();
    await until(() => service.inProgress === 3);
    service.answer('o1');
    await settled();
    service.answer('o2');
    await settled();
    expect(service.asked).toHaveLength(3);
    service.answer('o0');
    expect((await run).ended).toBe('stopped');
    expect(ids(broker)).toEqual(['o0', 'o1', 'o2']);
    expect(JSON.parse(broker.commits.get('0')!).lane.nodes[0].from).toBe(3);
  });

  it('reports the call that the lane waits for', async () => {
    const clock = new VirtualClock();
    const service = new Service();
    const broker = new ScriptedBroker([[Order, orders(...range(9))]]);
    const waiting: string[] = [];
    const onWaiting = ({ sentence }: { sentence: string }) => void waiting.push(sentence);
    const run = new WaterMill({ process: asking(service, 2), broker, clock, onWaiting }).run();
    await until(() => service.inProgress === 2);
    await clock.advance(10_000);
    expect(waiting).toEqual([
      'Lane 0: the process function is processing Order at position 0 of stream-0, the first of 2 calls in progress, for 10 s.',
    ]);
    for (const i of range(9)) {
      await until(() => service.asked.includes(`o${i}`));
      service.answer(`o${i}`);
    }
    await run;
  });
});

describe('the end by EndOfStream, with other calls in progress,', () => {
  const ending = (service: Service, isAsync: boolean) =>
    processFunction(Order, { emits: [Sale], concurrency: 3 }, ({ id }) => {
      if (id !== 'o1' || isAsync) return service.ask(id);
      return [sale(id), new EndOfStream()];
    });

  it.each(range(24))('without a promise, is the end for the next run if the broker fails at call %d', async (k) => {
    const broker = new ScriptedBroker([[Order, orders(...range(5))]], { batchSize: 1 });
    const run = async (on: ScriptedBroker): Promise<void> => {
      const service = new Service();
      const ended = new WaterMill({ process: ending(service, false), broker: on, commitEvery: { elements: 1 } }).run();
      let isOver = false;
      const over = ended.catch(() => {}).finally(() => (isOver = true));
      await settled();
      await service.answerAll(new Random(k), () => isOver);
      await over;
    };
    let calls = 0;
    const failing = watched(broker, (call) => {
      if (call !== 'close' && ++calls === k + 1) throw new Error('not now');
    });
    await run(failing);
    await run(broker);
    expect(ids(broker)).toEqual(['o0', 'o1']);
  });

  it('by a promise, is the end for the next run if reading has failed in the meantime', async () => {
    const broker = new ScriptedBroker([[Order, orders(...range(4))]], { batchSize: 2 });
    const service = new Service();
    const failing = watched(broker, (call) => {
      if (call === 'read' && service.inProgress === 2) throw new Error('no more');
    });
    const run = new WaterMill({ process: ending(service, true), broker: failing }).run();
    const failed = rejection(run);
    await until(() => service.inProgress === 2);
    await settled();
    service.answer('o0');
    service.answer('o1', [sale('o1'), new EndOfStream()]);
    await failed;
    const next = new Service();
    const nextRun = new WaterMill({ process: ending(next, true), broker }).run();
    await until(() => next.asked.includes('o1'));
    next.answer('o1', [sale('o1'), new EndOfStream()]);
    expect((await nextRun).ended).toBe('process');
    expect(ids(broker)).toEqual(['o0', 'o1']);
  });
});

describe('several calls at once and crashes', () => {
  const values = orders(...range(60).map((i) => (i % 7 === 5 ? i - 4 : i)));
  const other = prices(...range(70).filter((i) => i % 5 !== 3));
  const key = { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' } as const;
  const full = joinStreams(Order, joinWith(Price, key));
  const windowed = joinStreams(tumblingWindow(Order, field(Order, 'time'), { size: 4 }), joinWith(Price, key));
  const inputs = [[Order, { order: { skip: true, late: LateOrder } }]] as const;
  const makers = {
    'a full join': (service: Service, concurrency: number) =>
      processFunction(
        full,
        {
          emits: [Sale],
          concurrency,
          atEnd: () => sale('end'),
          unmatched: [
            [
              Price,
              async ({ time, amount }) => {
                await service.ask(`price ${time}`);
                return sale('nobody', amount);
              },
            ],
          ],
        },
        async ({ id, time }, found) => {
          await service.ask(id);
          return time % 3 === 0 ? undefined : [sale(id, 0), sale(id, found.size)];
        },
      ),
    'windows over a join': (service: Service, concurrency: number) =>
      processFunction(windowed, { emits: [Sale], concurrency }, async function* (members, found) {
        const name = members.map(({ id }) => id).join('+');
        yield sale(name, 0);
        await service.ask(name);
        yield sale(name, found.size);
      }),
    'calls that fail': (service: Service, concurrency: number) => {
      const options = { emits: [Sale], concurrency, onError: { deadLetter: BadMessage } };
      return processFunction(Order, options, async ({ id, time }) => {
        await service.ask(id);
        if (time % 3 === 1) throw new Error(id);
        return sale(id);
      });
    },
    'a call that ends the stream without a promise': (service: Service, concurrency: number) =>
      processFunction(Order, { emits: [Sale], concurrency }, ({ id, time }) =>
        time === 41 ? [sale(id), new EndOfStream()] : service.ask(id).then(() => sale(id)),
      ),
    'a call whose promise ends the stream': (service: Service, concurrency: number) =>
      processFunction(Order, { emits: [Sale], concurrency }, async ({ id, time }) => {
        await service.ask(id);
        return time === 41 ? [sale(id), new EndOfStream()] : sale(id);
      }),
  };

  it.each(Object.entries(makers))('%s: loses and doubles nothing by a crash at any broker call', async (_, make) => {
    let expected: unknown;
    for (let k = 0; ; k += k === 0 ? 1 : 3) {
      const random = new Random(k);
      const broker = new ScriptedBroker(
        [
          [Order, values],
          [Price, other],
        ],
        { batchSize: 7 },
      );
      let calls = 0;
      let isCrashed = false;
      // Half of the brokers fail once only, so that the mill commits what it can.
      const failsOnce = random.chance(0.5);
      const crashing = watched(broker, (call) => {
        if (call === 'close' || ++calls < k || k === 0 || (isCrashed && failsOnce)) return;
        isCrashed = true;
        throw new Error('crash');
      });
      const runOn = async (on: ScriptedBroker): Promise<void> => {
        const service = new Service();
        let isOver = false;
        const answers = service.answerAll(random, () => isOver);
        const process = make(service, random.pick([1, 2, 5, 100]));
        const commitEvery = { elements: random.pick([1, 5]) };
        await new WaterMill({ process, broker: on, inputs, commitEvery } as never)
          .run()
          .finally(() => {
            isOver = true;
          })
          .catch((error) => {
            if (!isCrashed) throw error;
          });
        await answers;
      };
      await runOn(crashing);
      if (isCrashed) await runOn(broker);
      const written = [Sale, LateOrder, BadMessage].map((message) => broker.written<object>(message));
      const shown = [...written, broker.sink().ended];
      expected ??= shown;
      expect({ k, shown }).toEqual({ k, shown: expected });
      if (k > 0 && !isCrashed) break;
    }
  });
});
