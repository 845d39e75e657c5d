import { randomInt, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  type Broker,
  field,
  joinStreams,
  joinWith,
  message,
  processFunction,
  table,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import type { MakeMill } from 'watermill/testing';
import { Order, Price, Sale, tree } from '../mill/support/model.js';

/** A process with one fault, and a part of the error about it. */
export interface PlantedFault {
  readonly what: string;
  readonly likely: RegExp;
  /**
   * The maximum number of elements of the smallest input; default: 5. More if the machine determines when a timer
   * fires.
   */
  readonly most?: number;
  /** Creates mills with a fault: the mills of one share their module state. */
  readonly plant: () => MakeMill;
}

const sale = (id: string, amount: number): Sale => message(Sale, { id, amount });

/** Each mill has a new process: its state lives as long as a run. */
const perRun =
  (make: () => object): (() => MakeMill) =>
  () =>
  (broker: Broker) =>
    new WaterMill({ process: make(), broker } as never);

/** All mills share a process. */
const shared =
  (make: () => object): (() => MakeMill) =>
  () => {
    const process = make();
    return (broker: Broker) => new WaterMill({ process, broker } as never);
  };

const joined = (fn: (order: Order, prices: readonly Price[]) => unknown): object =>
  processFunction(tree, { emits: [Sale] }, (order, found) => fn(order, found.of(order)) as Sale);

const alone = (fn: (order: Order) => unknown): object =>
  processFunction(Order, { emits: [Sale] }, (order) => fn(order) as Sale);

const left = joinStreams(
  Order,
  joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' }),
);
const hours = tumblingWindow(Order, field(Order, 'time'), { size: 5 });

export const plantedFaults: readonly PlantedFault[] = [
  {
    what: 'a counter in the instance',
    likely: /state of its own/,
    plant: perRun(() => {
      let count = 0;
      return alone(({ id }) => sale(id, ++count));
    }),
  },
  {
    what: 'a counter of the module',
    likely: /outlives a run/,
    plant: shared(() => {
      let count = 0;
      return alone(({ id }) => sale(id, ++count));
    }),
  },
  {
    what: 'ids of the module that were seen before are skipped',
    likely: /outlives a run/,
    plant: shared(() => {
      const seen = new Set<string>();
      return alone(({ id }) => {
        if (seen.has(id)) return undefined;
        seen.add(id);
        return sale(id, 0);
      });
    }),
  },
  {
    what: 'the last price is kept for orders without one',
    likely: /state of its own/,
    plant: perRun(() => {
      let last = 0;
      return processFunction(left, { emits: [Sale] }, (order, found) => {
        last = found.first(order)?.amount ?? last;
        return sale(order.id, last);
      });
    }),
  },
  {
    what: 'a warning only once a run of high amounts began, far into the stream',
    likely: /state of its own/,
    plant: perRun(() => {
      let high = 0;
      return joined(({ id }, [price]) => {
        high = (price?.amount ?? 0) % 70 === 0 ? high + 1 : high;
        return high === 3 ? sale(id, high) : undefined;
      });
    }),
  },
  {
    what: 'Date.now() in a result',
    likely: /clock.*Date/,
    plant: perRun(() => alone(({ id }) => sale(id, Date.now()))),
  },
  {
    what: 'the age of an element by the clock',
    likely: /clock.*Date/,
    plant: perRun(() =>
      alone(({ id, time }) =>
        Date.parse(new Date().toISOString()) / 86_400_000 - time > 19_800 ? sale(id, 1) : undefined,
      ),
    ),
  },
  {
    what: 'performance.now() in a result',
    likely: /clock.*performance/,
    plant: perRun(() => alone(({ id }) => sale(id, performance.now()))),
  },
  {
    what: 'the time at which the process started',
    likely: /clock.*performance\.timeOrigin/,
    plant: perRun(() => alone(({ id }) => sale(id, Math.floor(performance.timeOrigin)))),
  },
  {
    what: 'Math.random() decides',
    likely: /random numbers.*Math\.random/,
    plant: perRun(() => alone(({ id }) => (Math.random() < 0.3 ? sale(id, 1) : undefined))),
  },
  {
    what: 'a random id',
    likely: /random numbers.*randomUUID/,
    plant: perRun(() => alone(() => sale(crypto.randomUUID(), 1))),
  },
  {
    what: 'the time of day, whatever the day',
    likely: /clock.*Date/,
    plant: perRun(() => alone(({ id }) => (new Date().getUTCMinutes() >= 30 ? sale(id, 1) : undefined))),
  },
  {
    what: 'an element that is older than an hour by the clock, as all are',
    likely: /clock.*Date/,
    plant: perRun(() => alone(({ id, time }) => sale(id, Date.now() - Date.UTC(2010, 0, 1, time) > 3_600_000 ? 1 : 0))),
  },
  {
    what: 'a stopwatch of Node',
    likely: /clock.*hrtime/,
    plant: perRun(() => alone(({ id }) => sale(id, Number(process.hrtime.bigint() / 1_000_000_000_000n)))),
  },
  {
    what: 'a sample of one in a hundred',
    likely: /random numbers.*Math\.random/,
    plant: perRun(() => alone(({ id }) => (Math.random() < 0.01 ? sale(id, 1) : undefined))),
  },
  {
    what: 'a random id of node:crypto, in one call of a hundred',
    likely: /random numbers.*node:crypto/,
    plant: perRun(() => alone(({ id }) => (randomInt(100) === 99 ? sale(randomUUID(), 1) : sale(id, 1)))),
  },
  {
    what: 'an element is changed',
    likely: /changes an element/,
    plant: perRun(() =>
      alone((order) => {
        order.time *= 60;
        return sale(order.id, order.time);
      }),
    ),
  },
  {
    what: 'an element of a group is changed',
    likely: /changes an element/,
    plant: perRun(() =>
      joined(({ id }, prices) =>
        prices.map((price) => {
          price.amount *= 2;
          return sale(id, price.amount);
        }),
      ),
    ),
  },
  {
    what: 'an element of a window is changed, where that does not throw',
    likely: /changes an element/,
    plant: perRun(() =>
      processFunction(hours, { emits: [Sale] }, (orders) => {
        const isMarked = Reflect.set(orders[0]!, 'id', 'first');
        return sale(isMarked ? 'first' : orders[0]!.id, orders.length);
      }),
    ),
  },
  {
    what: 'what comes within one turn of the event loop is counted together',
    likely: /state of its own|at once/,
    plant: perRun(() => {
      let inTurn = 0;
      return alone(({ id }) => {
        setImmediate(() => {
          inTurn = 0;
        });
        return sale(id, ++inTurn);
      });
    }),
  },
  {
    what: 'a call uses what the promise of the one before has set, if it has',
    likely: /state of its own|at once/,
    plant: perRun(() => {
      let rate = 1;
      const load = async (time: number) => {
        rate = time;
      };
      return alone(({ id, time }) => {
        void Promise.resolve().then(() => load(time));
        return sale(id, rate);
      });
    }),
  },
  {
    what: 'a result whose fields stay from the one before',
    likely: /state of its own/,
    plant: perRun(() => {
      const reused = sale('', 0);
      return joined(({ id }, prices) => {
        reused.id = id;
        if (prices.length > 1) reused.amount = prices.length;
        return reused;
      });
    }),
  },
  {
    what: 'one object for all results of a call',
    likely: /one object again/,
    plant: perRun(() => {
      const reused = sale('', 0);
      return joined(({ id }, prices) => prices.map(({ amount }) => Object.assign(reused, { id, amount })));
    }),
  },
  {
    what: 'a result that is filled when a promise is kept',
    likely: /does not await/,
    plant: perRun(() =>
      alone(({ id, time }) => {
        const result = sale(id, 0);
        void Promise.resolve(time).then((amount) => {
          result.amount = amount + 1;
        });
        return result;
      }),
    ),
  },
  {
    what: 'results that are added when a timer rings',
    likely: /does not await/,
    plant: perRun(() =>
      alone(({ id }) => {
        const results: Sale[] = [];
        setTimeout(() => void results.push(sale(id, 1)), 2);
        return results;
      }),
    ),
  },
  {
    what: 'a timer that is not awaited sets what later calls use',
    likely: /state of its own|time that passes|at once|timers/,
    most: 10,
    plant: perRun(() => {
      let rate = 1;
      return alone(({ id, time }) => {
        setTimeout(() => {
          rate = time + 2;
        }, 1);
        return sale(id, rate);
      });
    }),
  },
  {
    what: 'a promise that is not awaited, and rejected',
    likely: /does not await/,
    plant: perRun(() =>
      alone(({ id, time }) => {
        void Promise.resolve().then(() => {
          if (time === 4) throw new Error('no luck');
        });
        return sale(id, 1);
      }),
    ),
  },
  {
    what: 'a callback of a timer that throws',
    likely: /does not await/,
    plant: perRun(() =>
      alone(({ id, time }) => {
        setTimeout(() => {
          if (time === 4) throw new Error('no luck');
        }, 0);
        return sale(id, 1);
      }),
    ),
  },
  {
    what: 'the day of today, as a format has it',
    likely: /clock.*Date/,
    plant: perRun(() => alone(() => sale(new Intl.DateTimeFormat('en', { weekday: 'long' }).format(), 1))),
  },
  {
    what: 'the days that the process has run',
    likely: /clock.*uptime/,
    plant: perRun(() => alone(({ id }) => sale(id, Math.floor(process.uptime() / 86_400)))),
  },
  {
    what: 'a random byte, in one call of a hundred',
    likely: /random numbers.*getRandomValues/,
    plant: perRun(() =>
      alone(({ id }) => {
        const [byte = 0] = crypto.getRandomValues(new Uint8Array(1));
        return sale(id, byte < 3 ? 1 : 0);
      }),
    ),
  },
  {
    what: 'the result of an earlier call is completed by a later one',
    likely: /changes it in a later call/,
    plant: perRun(() => {
      let last: Sale | undefined;
      return alone(({ id, time }) => {
        if (last !== undefined) last.amount = time;
        last = sale(id, 0);
        return last;
      });
    }),
  },
  {
    what: 'the hour in the time zone of the process',
    likely: /time zone Pacific.*depend on the machine: the process uses its time zone/,
    plant: perRun(() => alone(({ id, time }) => sale(id, new Date(time * 3_600_000).getHours()))),
  },
  {
    what: 'the number of the process',
    likely: /depend on the machine: the process uses process\.pid/,
    plant: perRun(() => alone(({ id }) => sale(`${id} ${process.pid}`, 1))),
  },
  {
    what: 'an id that no other process has',
    likely: /"true.*depend on the machine: the process uses process\.pid/,
    plant: perRun(() => alone(({ id }) => sale(`${process.pid > 2 ** 22} ${id}`, 1))),
  },
  {
    what: 'the hour in the time zone of a process that prints its number',
    likely: /depend on the machine: the process uses process\.pid.* Or it uses its time zone\. Use the UTC methods/,
    plant: perRun(() => alone(({ id, time }) => sale(id, process.pid && new Date(time * 3_600_000).getHours()))),
  },
  {
    what: 'the name of the host',
    likely: /depend on the machine: the process uses os\.hostname\(\)/,
    plant: perRun(() => alone(({ id }) => sale(`${id} ${hostname()}`, 1))),
  },
  {
    what: 'committed rows, seen from outside',
    likely: /a commit after every 1 element.*when positions are committed, such as by mill\.table\(\)/,
    plant: () => (broker) => {
      const counts = table(Sale, { key: field(Sale, 'id'), name: 'counts' });
      const process = processFunction(Order, { inject: [counts], emits: [Sale] }, ({ time }, kept) => {
        const id = `${time % 2}`;
        kept.put(sale(id, (kept.get(id)?.amount ?? 0) + 1));
        return sale(id, mill.table(counts).get(id)?.amount ?? 0);
      });
      const mill: WaterMill<any> = new WaterMill({ process, broker });
      return mill;
    },
  },
  {
    what: 'a total that a call which fails has counted',
    likely: /outlives a run|made again|state of its own/,
    plant: shared(() => {
      const totals = new Map<number, number>();
      let runs = 0;
      return joined(({ id, time }, prices) => {
        // An honest module might do this to start over with each run.
        if (time === 0) totals.clear();
        runs++;
        const total = (totals.get(time) ?? 0) + prices.length;
        totals.set(time, total);
        return sale(id, runs > 0 ? total : 0);
      });
    }),
  },
  {
    what: 'members of a group that were handled are remembered',
    likely: /state of its own|changes an element/,
    plant: perRun(() => {
      const handled = new WeakSet<Price>();
      return joined(({ id }, prices) => {
        const fresh = prices.filter((price) => !handled.has(price));
        for (const price of fresh) handled.add(price);
        return sale(id, fresh.length);
      });
    }),
  },
];
