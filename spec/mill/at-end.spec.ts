import { readFileSync, writeFileSync } from 'node:fs';
import {
  AtEnd,
  BadMessage,
  DataKey,
  EndOfStream,
  field,
  Inject,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  Origin,
  Process,
  processFunction,
  tumblingWindow,
  WaterMill,
  WindowBounds,
} from 'watermill';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { settled, until } from '../support/virtual-clock.js';
import { Alarm, LateOrder, Next, Order, orders, Price, prices, range, Sale } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';
import { watched } from './support/watched-broker.js';

const sale = (id: string, amount = 1): Sale => message(Sale, { id, amount });
const ids = (broker: ScriptedBroker): string[] => broker.written(Sale).map(({ id }) => id);

class Counter {
  count = 0;
}

/** A container that creates a new object at every resolve. */
const container = {
  resolve: (token: unknown) => (typeof token === 'function' ? new (token as typeof Counter)() : token),
};

class CountOrders {
  @Process({ emits: [Sale] })
  count({ id }: Order, counter: Counter): Sale {
    counter.count++;
    return sale(id);
  }

  @AtEnd()
  total(counter: Counter, @Inject('unit') unit: string): Alarm {
    return message(Alarm, { text: `${counter.count} ${unit}` });
  }
}

class WithoutMetadata {
  count(_order: Order, counter: Counter): void {
    counter.count++;
  }

  total(counter: Counter): Sale {
    return sale('total', counter.count);
  }
}
const described = (key: string) => Object.getOwnPropertyDescriptor(WithoutMetadata.prototype, key) as any;
Process({ inject: [Counter, Origin], emits: [Sale] })(WithoutMetadata.prototype, 'count', described('count'));
AtEnd()(WithoutMetadata.prototype, 'total', described('total'));

/** Runs to the end, with an @AtEnd function. */
const atEnd = (end: () => any, fn: (order: Order) => any = ({ id }) => sale(id)) =>
  processFunction(Order, { emits: [Sale], atEnd: end }, fn);

/** An end that throws until it is repaired. */
const brokenTotal = () => {
  let isBroken = true;
  const end = (): Sale => {
    if (isBroken) throw new Error('no total');
    return sale('total');
  };
  const repair = () => {
    isBroken = false;
  };
  return { end, repair };
};

describe('@AtEnd', () => {
  it('is called once, after the last call, with its injected values, on the same object as the calls', async () => {
    const broker = new MemoryMessageBroker([[Order, orders(1, 2, 3)]]);
    const report = await new WaterMill({ process: CountOrders, broker, container }).run();
    expect(broker.written(Sale)).toHaveLength(3);
    expect(broker.written(Alarm)).toEqual([{ text: '3 unit' }]);
    expect(report).toMatchObject({ calls: 3, ended: 'master ended' });
    expect(broker.ended(Alarm)).toBe(true);
  });

  it('gets injected values without metadata, except values of a call', async () => {
    const broker = new MemoryMessageBroker([[Order, orders(1, 2)]]);
    await new WaterMill({ process: WithoutMetadata, stream: Order, broker, container }).run();
    expect(broker.written(Sale)).toEqual([{ id: 'total', amount: 2 }]);
  });

  it('is called after the last window and the last unmatched element, before the end marks', async () => {
    const calls: string[] = [];
    const windows = tumblingWindow(Order, field(Order, 'time'), { size: 10 });
    const tree = joinStreams(
      windows,
      joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' }),
    );
    const broker: ScriptedBroker = new ScriptedBroker([
      [Order, orders(1, 2, 11)],
      [Price, prices(2, 12)],
    ]);
    const process = processFunction(
      tree,
      {
        unmatched: [[Price, ({ time }) => void calls.push(`price ${time}`)]],
        atEnd: () => void calls.push(`end, ${broker.sink().ended} marks`),
      },
      (window) => void calls.push(window.map(({ id }) => id).join('+')),
    );
    await new WaterMill({ process, broker }).run();
    expect(calls).toEqual(['o0+o1', 'o2', 'price 12', 'end, 0 marks']);
  });

  it('is called after an early end, and an idle timeout', async () => {
    const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));
    const broker = new ScriptedBroker([
      [Order, new ScriptedStream(orders(...range(9)), true)],
      [Price, prices(1)],
    ]);
    const process = processFunction(tree, { emits: [Sale], atEnd: () => sale('end') }, ({ id }) => sale(id));
    expect((await new WaterMill({ process, broker }).run()).ended).toBe('no further match');
    expect(ids(broker)).toEqual(['o1', 'end']);
    const silent = new ScriptedBroker([[Order, new ScriptedStream(orders(1), true)]]);
    const then = 'end';
    const inputs = [[Order, { idle: { afterMs: 1, then } }]] as const;
    const report = await new WaterMill({ process: atEnd(() => sale('end')), broker: silent, inputs }).run();
    expect(report.ended).toBe('timeout');
    expect(ids(silent)).toEqual(['o0', 'end']);
  });

  it('is not called after a stop, a failure, or an EndOfStream from the process', async () => {
    let ends = 0;
    const count = () => void ends++;
    const live = new ScriptedStream(orders(1), true);
    const mill = new WaterMill({ process: atEnd(count), broker: new ScriptedBroker([[Order, live]]) });
    const run = mill.run();
    await settled();
    await mill.stop();
    expect((await run).ended).toBe('stopped');
    const failing = atEnd(count, () => {
      throw new Error('no');
    });
    await rejection(new WaterMill({ process: failing, broker: new ScriptedBroker([[Order, orders(1)]]) }).run());
    const ending = atEnd(count, () => new EndOfStream());
    await new WaterMill({ process: ending, broker: new ScriptedBroker([[Order, orders(1)]]) }).run();
    expect(ends).toBe(0);
  });

  it('is called by the next run after a stop in the last call, before the end marks', async () => {
    // The batch with the last element has the end flag, so that the lane knows it in the last call.
    const broker = new ScriptedBroker([[Order, orders(1, 2)]]);
    let ends = 0;
    const makeMill = (fn: (order: Order) => Sale): WaterMill =>
      new WaterMill({ process: atEnd(() => sale(`end ${++ends}`), fn), broker });
    const stopped = makeMill(({ id }) => {
      if (id === 'o1') void stopped.stop();
      return sale(id);
    });
    expect((await stopped.run()).ended).toBe('stopped');
    expect({ ids: ids(broker), marks: broker.sink().ended }).toEqual({ ids: ['o0', 'o1'], marks: 0 });
    expect((await makeMill(({ id }) => sale(id)).run()).ended).toBe('master ended');
    expect({ ids: ids(broker), marks: broker.sink().ended }).toEqual({ ids: ['o0', 'o1', 'end 1'], marks: 1 });
  });

  it('is called in every lane, also without elements', async () => {
    const broker = new ScriptedBroker([[Order, []]], { lanes: ['a', 'b'] });
    await new WaterMill({ process: atEnd(() => [sale('end')]), broker }).run();
    expect(['a', 'b'].map((lane) => broker.written(Sale, lane))).toEqual([[sale('end')], [sale('end')]]);
  });

  it.each([
    ['a promise', async () => [sale('x'), sale('y')]],
    [
      'a generator',
      function* () {
        yield sale('x');
        yield sale('y');
      },
    ],
    [
      'an async generator',
      async function* () {
        yield sale('x');
        yield sale('y');
      },
    ],
    ['an EndOfStream', () => [sale('x'), sale('y'), new EndOfStream()]],
  ])('may return %s', async (_, end) => {
    const broker = new ScriptedBroker([[Order, orders(1)]]);
    const report = await new WaterMill({ process: atEnd(end), broker }).run();
    expect(ids(broker)).toEqual(['o0', 'x', 'y']);
    expect(report.ended).toBe('master ended');
  });

  it('is called after all results are saved, if they are saved later', async () => {
    const broker = new ScriptedBroker([[Order, orders(1, 2)]]);
    const keys: DataKey[] = [];
    const options = { inject: [DataKey, 'name'], emits: [Sale], atEnd: (name: string) => sale(name) } as const;
    const process = processFunction(Order, options, (_order, key) => void keys.push(key));
    const mill = new WaterMill({ process, broker, container });
    const run = mill.run();
    await until(() => keys.length === 2);
    for (const [i, key] of keys.toReversed().entries()) mill.saveResults(key, sale(`${i}`));
    await run;
    expect(ids(broker)).toEqual(['1', '0', 'name']);
  });
});

describe('@AtEnd that throws', () => {
  it('fails the run; earlier results are committed, and the next run calls only it again', async () => {
    for (const isLater of [false, true]) {
      const broker = new ScriptedBroker([[Order, orders(1, 2, 3)]]);
      let calls = 0;
      const total = brokenTotal();
      const process = (): object =>
        isLater
          ? processFunction(Order, { inject: [DataKey], emits: [Sale], atEnd: total.end }, ({ id }, key) => {
              calls++;
              mill.saveResults(key, sale(id));
            })
          : atEnd(total.end, ({ id }) => {
              calls++;
              return sale(id);
            });
      let mill: WaterMill = new WaterMill({ process: process(), broker });
      const error = await rejection(mill.run());
      expect(error).toMatchObject({
        code: 'WM_PROCESS_FAILED',
        details: { process: 'the function atEnd of the process function' },
      });
      expect(error.message).toMatch(
        'The function atEnd of the process function failed when the streams had ended: no total. The lane has not ended: fix the cause',
      );
      expect(ids(broker)).toEqual(['o0', 'o1', 'o2']);
      total.repair();
      mill = new WaterMill({ process: process(), broker });
      await mill.run();
      expect({ calls, ids: ids(broker) }).toEqual({ calls: 3, ids: ['o0', 'o1', 'o2', 'total'] });
      expect(broker.sink().ended).toBe(1);
    }
  });

  // The price ends after 1, and nothing can match any more. The order after that is out of order, and not to be read.
  const early = { left: field(Order, 'time'), right: field(Price, 'time') };
  const window = tumblingWindow(Order, field(Order, 'time'), { size: 100 });
  const pair = tumblingWindow(Order, field(Order, 'time'), { size: 2, by: field(Order, 'id') });
  it.each<[name: string, source: any, calls: number, order: any]>([
    ['a join', joinStreams(Order, joinWith(Price, early)), 1, 'fail'],
    [
      'a semi join',
      joinStreams(Order, joinWith(Price, { ...early, kind: 'semi' })),
      1,
      { skip: true, late: LateOrder },
    ],
    [
      'a nested join',
      joinStreams(
        Order,
        joinWith(
          joinStreams(Price, joinWith(Next, { ...early, left: early.right, right: field(Next, 'time'), kind: 'left' })),
          early,
        ),
      ),
      1,
      'fail',
    ],
    ['a window', joinStreams(window, joinWith(Price, early)), 1, { skip: true, late: LateOrder }],
    [
      'a window over two elements',
      joinStreams(window, joinWith(Price, { ...early, within: [-1, 0] })),
      1,
      { slack: 0, late: LateOrder },
    ],
    ['windows by value', joinStreams(pair, joinWith(Price, { ...early, within: [-1, 0] })), 2, 'fail'],
  ])(
    'or stops in the last call, after an early end of %s: what lies past that end is not read by the next run',
    async (...given) => {
      const [, source, calls, order] = given;
      for (const trouble of ['stop', 'throw']) {
        const all = [...orders(0, 1, 2, 3), ...orders(0, 9)];
        const broker = new ScriptedBroker([
          [Order, all],
          [Price, prices(1)],
          [Next, []],
        ]);
        const log: string[] = [];
        const run = (isFirst: boolean) => {
          const end = (): Sale => {
            log.push('end');
            if (isFirst) throw new Error('no total');
            return sale('total');
          };
          const process = processFunction(source, { emits: [Sale], atEnd: end }, (orders: any) => {
            log.push('call');
            if (isFirst && trouble === 'stop' && log.length === calls) void mill.stop();
            return sale(
              [orders]
                .flat()
                .map(({ id }: Order) => id)
                .join('+'),
            );
          });
          const mill: WaterMill = new WaterMill({ process, broker, inputs: [[Order, { order }]] });
          return mill.run();
        };
        if (trouble === 'stop') expect((await run(true)).ended).toBe('stopped');
        else expect(await rejection(run(true))).toMatchObject({ code: 'WM_PROCESS_FAILED' });
        const report = await run(false);
        expect([trouble, report.ended, report.nodes[0]?.late]).toEqual([trouble, 'no further match', 0]);
        const made = Array.from({ length: calls }, () => 'call');
        expect(log).toEqual(trouble === 'stop' ? [...made, 'end'] : [...made, 'end', 'end']);
        expect(broker.written(LateOrder)).toEqual([]);
        expect(broker.sink().ended).toBe(1);
      }
    },
  );

  const ofNext = { left: field(Order, 'time'), right: field(Next, 'time') };
  it.each<[name: string, source: any, next: any[]]>([
    ['a join', joinStreams(Order, joinWith(Price, early)), []],
    ['a window', joinStreams(tumblingWindow(Order, field(Order, 'time'), { size: 1 }), joinWith(Price, early)), []],
    // The other child has ended as well, but an order may still match its last element.
    [
      'one of two joins',
      joinStreams(
        tumblingWindow(Order, field(Order, 'time'), { size: 1 }),
        joinWith(Next, { ...ofNext, kind: 'semi' }),
        joinWith(Price, early),
      ),
      [1, 3],
    ],
  ])(
    'after an early end of %s: the next run reads what was appended to the stream that had ended',
    async (...given) => {
      const [, source, next] = given;
      const appended = new ScriptedStream(prices(1), false);
      const broker = new ScriptedBroker([
        [Order, orders(1, 2, 3)],
        [Next, next.map((time) => message(Next, { time, id: 'next' }))],
        [Price, appended],
      ]);
      const total = brokenTotal();
      const run = () => {
        const process = processFunction(source, { emits: [Sale], atEnd: total.end }, (orders: any) =>
          [orders].flat().map(({ id }: Order) => sale(id)),
        );
        return new WaterMill({ process, broker }).run();
      };
      expect(await rejection(run())).toMatchObject({ code: 'WM_PROCESS_FAILED' });
      // Nor does a run that finds nothing more forget the end.
      expect(await rejection(run())).toMatchObject({ code: 'WM_PROCESS_FAILED' });
      total.repair();
      appended.push(...prices(3));
      await run();
      expect(ids(broker)).toEqual(['o0', 'o2', 'total']);
    },
  );

  it('after an early end: the next run does not wait for a stream that is silent then and may be ignored', async () => {
    const silent = new ScriptedStream(prices(1), true);
    silent.end();
    const then = 'ignore';
    const broker = new ScriptedBroker([
      [Order, orders(1, 2, 3)],
      [Price, silent],
    ]);
    const total = brokenTotal();
    const run = () => {
      const process = processFunction(
        joinStreams(Order, joinWith(Price, early)),
        { emits: [Sale], atEnd: total.end },
        ({ id }) => sale(id),
      );
      const inputs = [[Price, { order: 'skip', idle: { afterMs: 1, then } }]] as const;
      return new WaterMill({ process, broker, inputs }).run();
    };
    expect(await rejection(run())).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    total.repair();
    silent.isEnded = false;
    expect((await run()).ended).toBe('master ended');
    expect(ids(broker)).toEqual(['o0', 'total']);
  });

  it('after an early end by a timeout: the next run reads what has come since', async () => {
    const late = new ScriptedStream(prices(1), true);
    const broker = new ScriptedBroker([
      [Order, orders(1, 2, 3)],
      [Price, late],
    ]);
    const tree = joinStreams(Order, joinWith(Price, early));
    const total = brokenTotal();
    const then = 'end';
    const run = () => {
      const process = processFunction(tree, { emits: [Sale], atEnd: total.end }, ({ id }) => sale(id));
      return new WaterMill({ process, broker, inputs: [[Price, { idle: { afterMs: 1, then } }]] }).run();
    };
    expect(await rejection(run())).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    total.repair();
    late.push(...prices(3));
    await run();
    expect(ids(broker)).toEqual(['o0', 'o2', 'total']);
  });

  it('after calls that finish later: their results and dead letters are committed with their positions', async () => {
    const folder = temporaryDirectory();
    writeFileSync(folder.file('orders.json'), JSON.stringify([...orders(1, 2, 3), { time: 'late' }]));
    const broker = new JsonFileMessageBroker(
      [
        [Order, folder.file('orders.json')],
        [Sale, folder.file('sales.json')],
        [BadMessage, folder.file('letters.json')],
      ],
      { group: 'totals' },
    );
    let calls = 0;
    const total = brokenTotal();
    const options = { emits: [Sale], concurrency: 2, atEnd: total.end };
    const process = processFunction(Order, options, async ({ id }) => {
      calls++;
      return sale(id);
    });
    const inputs = [[Order, { onBadMessage: { deadLetter: BadMessage } }]] as const;
    expect((await rejection(new WaterMill({ process, broker, inputs }).run())).code).toBe('WM_PROCESS_FAILED');
    total.repair();
    await new WaterMill({ process, broker, inputs }).run();
    const written = (name: string): any[] => JSON.parse(readFileSync(folder.file(name), 'utf8'));
    const sold = written('sales.json').map(({ id }) => id);
    expect({ calls, sold }).toEqual({ calls: 3, sold: ['o0', 'o1', 'o2', 'total'] });
    expect(written('letters.json').map(({ position }) => position)).toEqual([3]);
    folder.remove();
  });

  it('is skipped, or written as a letter, as onError says', async () => {
    for (const onError of ['skip', { deadLetter: BadMessage }] as const) {
      const broker = new ScriptedBroker([[Order, orders(1)]]);
      const options = { emits: [Sale], onError } as const;
      const end = function* () {
        yield sale('taken back');
        throw new Error('no total');
      };
      const process = processFunction(Order, { ...options, atEnd: end }, ({ id }) => sale(id));
      const report = await new WaterMill({ process, broker }).run();
      expect(report).toMatchObject({ failedCalls: 1, ended: 'master ended' });
      expect(ids(broker)).toEqual(['o0']);
      const letters = broker.written(BadMessage);
      const letter = { stream: 'stream-0', position: -1, raw: '', error: 'no total' };
      expect(letters).toEqual(onError === 'skip' ? [] : [letter]);
    }
  });

  it('is reported for a result that cannot be written, and for an invalid result', async () => {
    const folder = temporaryDirectory();
    writeFileSync(folder.file('orders.json'), '[{"time":1,"id":"a"}]');
    const files = new JsonFileMessageBroker([
      [Order, folder.file('orders.json')],
      [Sale, folder.file('sales.json')],
    ]);
    const wrong = atEnd(() => message(Sale, { id: 'x', amount: Number.NaN }));
    const bad = await rejection(new WaterMill({ process: wrong, broker: files }).run());
    expect(bad.code).toBe('WM_BAD_RESULT');
    expect(bad.message).toMatch('atEnd of the process function fn returned it when the streams had ended.');
    folder.remove();
    const none = await rejection(
      new WaterMill({ process: atEnd(() => 5), broker: new ScriptedBroker([[Order, orders(1)]]) }).run(),
    );
    expect(none.code).toBe('WM_RESULT');
    expect(none.message).toMatch('That was the call when the streams had ended.');
  });
});

describe('@AtEnd and crashes', () => {
  it('loses and doubles nothing by a crash at any broker call, and is not repeated after its commit', async () => {
    for (let k = 1; ; k++) {
      const broker = new ScriptedBroker([[Order, orders(...range(20))]], { batchSize: 7 });
      let calls = 0;
      let ends = 0;
      let isCrashed = false;
      const crashing = watched(broker, (call) => {
        if (call === 'close' || ++calls < k) return;
        isCrashed = true;
        throw new Error('crash');
      });
      const process = atEnd(() => sale(`end ${++ends > 0}`));
      const commitEvery = { elements: 5 };
      await new WaterMill({ process, broker: crashing, commitEvery }).run().catch(() => {});
      const endsBefore = ends;
      const isOver = JSON.parse(broker.commits.get('0') ?? '{}').lane?.ended !== undefined;
      const report = await new WaterMill({ process, broker, commitEvery }).run();
      expect({ k, ids: ids(broker) }).toEqual({ k, ids: [...range(20).map((i) => `o${i}`), 'end true'] });
      expect({ k, again: ends - endsBefore }).toEqual({ k, again: isOver ? 0 : 1 });
      expect(report.ended).toBe(isOver ? 'already ended' : 'master ended');
      if (!isCrashed) break;
    }
  });
});

describe('@AtEnd is refused', () => {
  const refusal = (process: object): { code: string; message: string } => {
    try {
      new WaterMill({ process, stream: Order, broker: new ScriptedBroker([[Order, []]]), container });
    } catch (error) {
      return error as { code: string; message: string };
    }
    throw new Error('It was not refused.');
  };

  it('with a value of a call, or an element', () => {
    class Bounds {
      @Process({ emits: [] })
      process(_order: Order): void {}
      @AtEnd()
      end(_bounds: WindowBounds<number>): void {}
    }
    expect(refusal(Bounds)).toMatchObject({
      code: 'WM_PARAMETER',
      message: 'Bounds.end: parameter 1 is WindowBounds, which only the process function can have. Leave it out.',
    });
    class Element {
      @Process({ emits: [] })
      process(_order: Order): void {}
      @AtEnd()
      end(_order: Order): void {}
    }
    expect(refusal(Element)).toMatchObject({ code: 'WM_PARAMETER' });
    expect(refusal(Element).message).toMatch('When the streams have ended there is no element: leave it out');
    const more = processFunction(
      Order,
      { inject: [Counter, Origin], atEnd: ((_: Counter, __: Origin) => {}) as any },
      () => {},
    );
    expect(refusal(more)).toMatchObject({ code: 'WM_PARAMETER' });
    expect(refusal(more).message).toMatch('has 2 parameters and receives 1: what the process injects');
  });

  it('on two methods, on none, and on a property that is not a function', () => {
    class Two {
      @Process({ emits: [] })
      process(_order: Order): void {}
      @AtEnd()
      end(): void {}
      @AtEnd()
      finish(): void {}
    }
    expect(refusal(Two)).toMatchObject({ code: 'WM_PROCESS_SEVERAL' });
    expect(refusal(Two).message).toMatch('has 2 methods marked with @AtEnd, end and finish.');
    expect(refusal(processFunction(Order, { atEnd: 5 as any }, () => {}))).toMatchObject({
      code: 'WM_PROCESS_FUNCTION',
      message: 'the process function: atEnd: expected a function, found the number 5.',
    });
  });
});
