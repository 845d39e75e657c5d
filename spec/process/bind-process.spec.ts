import { container, injectable } from 'tsyringe';
import { field } from '../../lib/expressions/field.js';
import { joinStreams } from '../../lib/joins/join-streams.js';
import { joinWith } from '../../lib/joins/join-with.js';
import { Joined } from '../../lib/joins/joined.js';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { bindProcess } from '../../lib/mill/process/bind-process.js';
import { Inject } from '../../lib/mill/process/inject.js';
import { Process } from '../../lib/mill/process/process.js';
import { processFunction } from '../../lib/mill/process/process-function.js';
import { Unmatched } from '../../lib/mill/process/unmatched.js';
import { broker, Clock, Item, Note, Weather } from '../plan/model.js';

const item = new Item();
const answer = { elements: [item], rows: [], start: undefined, end: undefined };

/** A container of these objects, which counts its calls. */
function containerOf(...entries: [unknown, unknown][]) {
  const things = new Map(entries);
  const asked: unknown[] = [];
  return {
    asked,
    resolve(token: unknown): unknown {
      asked.push(token);
      if (things.has(token)) return things.get(token);
      throw new Error('nothing registered');
    },
  };
}

async function refusalOf(promise: Promise<unknown>): Promise<{ code: string; message: string; cause?: unknown }> {
  return promise.then(
    () => {
      throw new Error('nothing was refused');
    },
    (error) => error,
  );
}

class Counter {
  log: unknown[] = [];
  @Process() take(element: Item, clock: Clock, @Inject('units') units: string): Note {
    this.log.push([element, clock, units]);
    return new Note();
  }
}

describe('a bound process', () => {
  it('has its instance and its parameters from the container, each resolved once', async () => {
    const [counter, clock] = [new Counter(), new Clock()];
    const things = containerOf([Counter, counter], [Clock, clock], ['units', 'metres']);
    const bound = await bindProcess(makePlan({ process: Counter, broker }), things);
    expect(bound.call(answer)).toBeInstanceOf(Note);
    bound.call(answer);
    expect(counter.log).toEqual([
      [item, clock, 'metres'],
      [item, clock, 'metres'],
    ]);
    expect(things.asked).toEqual([Counter, Clock, 'units']);
  });

  it('takes promises from the container', async () => {
    const counter = new Counter();
    const things = containerOf([Clock, Promise.resolve('a clock')], ['units', 'metres']);
    const bound = await bindProcess(makePlan({ process: counter, broker }), things);
    bound.call(answer);
    expect(counter.log).toEqual([[item, 'a clock', 'metres']]);
  });

  it("uses tsyringe's container by default", async () => {
    @injectable()
    class Meter {
      static seen: unknown[] = [];
      constructor(readonly clock: Clock) {}
      @Process() take(_element: Item, clock: Clock): void {
        Meter.seen.push(this.clock.factor, clock.factor);
      }
    }
    const child = container.createChildContainer();
    child.register(Clock, { useValue: { factor: 7 } });
    const plan = makePlan({ process: Meter, broker });
    (await bindProcess(plan)).call(answer);
    (await bindProcess(plan, child)).call(answer);
    expect(Meter.seen).toEqual([1, 1, 7, 7]);
  });

  it('uses no container for a function without injections', async () => {
    const things = containerOf();
    const plan = makePlan({ process: processFunction(Item, {}, () => undefined), broker });
    const bound = await bindProcess(plan, things);
    expect(bound.call(answer)).toBeUndefined();
    await bound.dispose();
    expect(things.asked).toEqual([]);
  });

  it('names the parameter and the reason if the container fails', async () => {
    const plan = makePlan({ process: new Counter(), broker });
    const error = await refusalOf(bindProcess(plan, containerOf([Clock, new Clock()])));
    expect(error).toMatchObject({
      code: 'WM_INJECTION',
      message:
        'The container could not resolve parameter 3 of Counter.take, "units": nothing registered. Register "units" in the container.',
      cause: new Error('nothing registered'),
    });
    expect((await refusalOf(bindProcess(plan, { resolve: () => undefined }))).message).toBe(
      'The container could not resolve parameter 2 of Counter.take, Clock: it returned undefined. Write @injectable() above ' +
        "class Clock (its constructor's parameters included), or register it in the container.",
    );
    const other = bindProcess(
      makePlan({ process: Counter, broker }),
      containerOf([Counter, {}], [Clock, 1], ['units', 1]),
    );
    expect((await refusalOf(other)).message).toBe(
      'What the container returned for Counter.take has no method take. Register an object that has it.',
    );
  });

  it('calls the unmatched method of a child', async () => {
    const log: unknown[] = [];
    class Full {
      @Process() take(_item: Item, _weather: Joined<Item, Weather>): void {}
      @Unmatched() lonely(weather: Weather, clock: Clock): Note {
        log.push(this, weather, clock);
        return new Note();
      }
    }
    const joinTree = joinStreams(Item, joinWith(Weather, { left: field(Item, 'time'), right: field(Weather, 'time') }));
    const [full, clock, weather] = [new Full(), new Clock(), new Weather()];
    const bound = await bindProcess(makePlan({ process: full, joinTree, broker }), containerOf([Clock, clock]));
    expect(bound.unmatched(1, weather)).toBeInstanceOf(Note);
    expect(log).toEqual([full, weather, clock]);
  });
});

describe('disposing of a bound process', () => {
  const disposers: [string, string | symbol][] = [
    ['Symbol.asyncDispose', Symbol.asyncDispose],
    ['Symbol.dispose', Symbol.dispose],
    ['dispose()', 'dispose'],
  ];

  it.each(disposers)('calls %s of an instance that it resolved, once', async (_, name) => {
    const disposable = Object.assign(new Counter(), { disposed: 0 });
    Object.defineProperty(disposable, name, { value: async () => void disposable.disposed++ });
    const things = containerOf([Counter, disposable], [Clock, 1], ['units', 1]);
    const bound = await bindProcess(makePlan({ process: Counter, broker }), things);
    await bound.dispose();
    await bound.dispose();
    expect(disposable.disposed).toBe(1);
  });

  it('skips an instance that the user created, and injected values', async () => {
    const log: string[] = [];
    const clock = { dispose: () => log.push('clock') };
    const counter = Object.assign(new Counter(), { dispose: () => log.push('counter') });
    const bound = await bindProcess(makePlan({ process: counter, broker }), containerOf([Clock, clock], ['units', 1]));
    await bound.dispose();
    expect(log).toEqual([]);
  });

  it('happens at once if a parameter cannot be resolved', async () => {
    const log: string[] = [];
    const counter = Object.assign(new Counter(), { dispose: () => log.push('disposed') });
    await refusalOf(bindProcess(makePlan({ process: Counter, broker }), containerOf([Counter, counter])));
    expect(log).toEqual(['disposed']);
  });
});

describe('if the host forbids generated code', () => {
  it('arguments are interpreted', async () => {
    jest.resetModules();
    jest.doMock('../../lib/base/compile.js', () => ({ compile: () => undefined }));
    const { bindProcess: bind } = await import('../../lib/mill/process/bind-process.js');
    const seen: unknown[] = [];
    const process = processFunction(Item, {}, (element) => void seen.push(element));
    const bound = await bind(makePlan({ process, broker }));
    bound.call(answer);
    expect(seen).toEqual([item]);
  });
});
