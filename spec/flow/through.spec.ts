import { readFileSync, writeFileSync } from 'node:fs';
import {
  alias,
  type Broker,
  type ConnectRequest,
  Field,
  field,
  foldWindow,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  type MillOptions,
  message,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { flow, runStages, stagesOf } from 'watermill/flow';
import { rejection } from '../mill/support/rejection.js';
import { ScriptedBroker, ScriptedStream } from '../mill/support/scripted-broker.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { until } from '../support/virtual-clock.js';

@Message()
class View {
  @Field() page!: string;
  @Field() user!: string;
  @Field() ms!: number;
}

@Message()
class Visit {
  @Field() user!: string;
  @Field() ms!: number;
}

@Message()
class Total {
  @Field() user!: string;
  @Field() ms!: number;
}

class Spy extends alias(Visit, 'Spy') {}

@Message({ name: 'View' })
class OtherView {
  @Field() n!: number;
}

const views = (...given: readonly [user: string, ms: number][]): View[] =>
  given.map(([user, ms], i) => message(View, { page: `page ${i % 3}`, user, ms }));
const input = views(['ann', 1], ['ben', 2], ['ann', 4], ['nobody', 7], ['ben', 8], ['ann', 16]);
const plain = (values: readonly object[]): object[] => values.map((value) => ({ ...value }));
const visits = [
  { user: 'ann', ms: 1 },
  { user: 'ben', ms: 2 },
  { user: 'ann', ms: 4 },
  { user: 'ben', ms: 8 },
  { user: 'ann', ms: 16 },
];
const totals = [
  { user: 'ann', ms: 1 },
  { user: 'ben', ms: 2 },
  { user: 'ann', ms: 5 },
  { user: 'ben', ms: 10 },
  { user: 'ann', ms: 21 },
];

const keyed = () =>
  flow(View)
    .filter(({ user }) => user !== 'nobody')
    .map(({ user, ms }) => message(Visit, { user, ms }))
    .through(Visit, ({ user }) => user);

/** A running total of each user. */
const totalsOfUsers = () =>
  keyed()
    .statefulMap('totals', Total, {
      initial: (user) => ({ user, ms: 0 }),
      next: (total, { ms }) => [
        { ...total, ms: total.ms + ms },
        { ...total, ms: total.ms + ms },
      ],
    })
    .map((total) => message(Total, total))
    .to(Total);

/** Records the requests of mills that connect to a broker. */
function withRequests(broker: Broker): { broker: Broker; requests: ConnectRequest[] } {
  const requests: ConnectRequest[] = [];
  const connect = (request: ConnectRequest) => {
    requests.push(request);
    return broker.connect(request);
  };
  return { broker: Object.assign(Object.create(broker), { connect }), requests };
}

const several = { lanes: ['0', '1'], remembers: false };

describe('a flow through a stream', () => {
  it('writes the elements to it, and continues with them by their key', async () => {
    const broker = new MemoryMessageBroker([[View, input]]);
    const report = await new WaterMill({ process: totalsOfUsers(), broker }).run();
    expect(plain(broker.written(Visit))).toEqual(visits);
    expect(plain(broker.written(Total))).toEqual(totals);
    expect([broker.ended(Visit), broker.ended(Total), report.calls]).toEqual([true, true, 6]);
  });

  it('continues with copies: changes by later steps are not written', async () => {
    const process = keyed()
      .reduce('sums', Visit, {
        add: (sum, { ms }) => {
          sum.ms += ms;
          return sum;
        },
        complete: () => false,
        atEnd: 'emit',
      })
      .map(({ user, ms }) => message(Total, { user, ms }))
      .to(Total);
    const broker = new MemoryMessageBroker([[View, input]]);
    await new WaterMill({ process, broker, commitEvery: { elements: 100 } }).run();
    expect(plain(broker.written(Visit))).toEqual(visits);
    expect(plain(broker.written(Total))).toEqual([
      { user: 'ann', ms: 21 },
      { user: 'ben', ms: 10 },
    ]);
    const changed = keyed()
      .map((visit) => {
        visit.ms = -1;
        return visit;
      })
      .inspect(() => {})
      .statefulMap('seen', Visit, { initial: (user) => ({ user, ms: 0 }), next: (seen, { ms }) => [seen, ms] })
      .filterMap((ms) => (ms === -1 ? message(Total, { user: '', ms }) : undefined))
      .to(Total);
    const other = new MemoryMessageBroker([[View, input]]);
    await new WaterMill({ process: changed, broker: other }).run();
    expect([plain(other.written(Visit)), other.written(Total).length]).toEqual([visits, 5]);
  });

  it('leaves out undefined and null', async () => {
    const process = flow(View)
      .map(({ user, ms }) => (ms === 1 ? undefined : ms === 2 ? null : message(Visit, { user, ms })))
      .through(Visit, ({ user }) => user)
      .batch('lists', { size: 2 })
      .map((list) => message(Total, { user: list[0]!.user, ms: list.length }))
      .to(Total);
    const broker = new MemoryMessageBroker([[View, input]]);
    await new WaterMill({ process, broker }).run();
    expect(broker.written(Visit).map(({ ms }) => ms)).toEqual([4, 7, 8, 16]);
  });

  it('is one call: if a later step fails, nothing is written', async () => {
    const process = keyed()
      .map((visit) => {
        if (visit.ms === 4) throw new Error('no');
        return visit;
      })
      .batch('lists', { size: 1 })
      .map(([visit]) => message(Total, visit!))
      .to(Total);
    const skipping = flow(View, { onError: 'skip' })
      .map(({ user, ms }) => message(Visit, { user, ms }))
      .through(Visit, ({ user }) => user)
      .filter(({ ms }) => {
        if (ms === 4) throw new Error('no');
        return true;
      })
      .batch('lists', { size: 1 })
      .map(([visit]) => message(Total, visit!))
      .to(Total);
    const broker = new MemoryMessageBroker([[View, input]]);
    expect(await rejection(new WaterMill({ process, broker }).run())).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(broker.written(Visit).map(({ ms }) => ms)).toEqual([1, 2]);
    const other = new MemoryMessageBroker([[View, input]]);
    await new WaterMill({ process: skipping, broker: other }).run();
    expect(other.written(Visit).map(({ ms }) => ms)).toEqual([1, 2, 7, 8, 16]);
    const read = new MemoryMessageBroker([[Visit, visits]]);
    await new WaterMill({ process: stagesOf(skipping)[1]!.process, broker: read }).run();
    expect(read.written(Total).map(({ ms }) => ms)).toEqual([1, 2, 8, 16]);
  });

  it('is described by explain()', () => {
    const explained = (process: object, of: readonly (readonly [any, any[]])[]) =>
      new WaterMill({ process, broker: new MemoryMessageBroker(of) }).explain();
    expect(explained(totalsOfUsers(), [[View, []]])).toContain(
      'step 3: through Visit: each is written by its key, and passed on',
    );
    const [first, second] = stagesOf(totalsOfUsers());
    expect(explained(first!.process, [[View, []]])).toContain(
      'step 3: through Visit: each is written by its key; the next stage reads them',
    );
    expect(explained(second!.process, [[Visit, []]])).toContain(
      'step 1: keyBy, the key by which the stage before writes\n',
    );
  });

  it.each<[string, object, string]>([
    [
      'what is not an element of the class',
      (flow(View) as any).map(() => ({ user: 'ann', ms: 1 })),
      'through(Visit) was given { user: "ann", ms: 1 }; expected an element of Visit. Make one in the step before it: message(Visit, { … }).',
    ],
    ['an element of another class', flow(View), 'through(Visit) was given View'],
  ])('refuses %s', async (_, begun, sentence) => {
    const process = (begun as any).through(Visit, () => 1).batch('b', { size: 1 });
    const broker = new MemoryMessageBroker([[View, input]]);
    const { cause } = await rejection(new WaterMill({ process: process.to(Total), broker }).run());
    expect(cause).toMatchObject({ code: 'WM_FLOW_VALUE' });
    expect((cause as Error).message).toMatch(sentence);
    expect(broker.written(Visit)).toEqual([]);
  });

  it.each<[string, unknown]>([
    ['{}', {}],
    ['undefined', undefined],
    ['NaN', Number.NaN],
    ['Promise', Promise.resolve('ann')],
  ])('refuses the key %s', async (found, key) => {
    const process = (flow(View) as any)
      .map(({ user, ms }: View) => message(Visit, { user, ms }))
      .through(Visit, () => key);
    for (const each of [
      process.batch('b', { size: 1 }).to(Total),
      stagesOf(process.batch('b', { size: 1 }).to(Total))[0]!.process,
    ]) {
      const broker = new MemoryMessageBroker([[View, input]]);
      const { cause } = await rejection(new WaterMill({ process: each, broker }).run());
      expect((cause as Error).message).toMatch(`the flow over View: through(Visit): the key is ${found}`);
      expect(broker.written(Visit)).toEqual([]);
    }
  });

  const any = keyed() as any;
  const view = (user: string) => message(View, { user, page: '', ms: 1 });
  const readAgain = 'The flow reads View, and writes View as well: its first stage would read what a later one';
  const twice = 'The flow goes through Visit, and writes Visit elsewhere as well';
  it.each<[string, () => unknown, string]>([
    [
      'no class',
      () => any.constructor && (flow(View) as any).through('Visit', () => 1),
      'through(): expected a message class',
    ],
    ['no key', () => (flow(View) as any).through(Visit), 'through(Visit): the key: expected a function'],
    [
      'the class twice',
      () =>
        any
          .batch('a', { size: 1 })
          .through(Visit, () => 1)
          .batch('b', { size: 1 })
          .to(Total),
      twice,
    ],
    ['the class at the end', () => any.batch('a', { size: 1 }).to(Visit), twice],
    [
      'the class at the side',
      () =>
        any
          .batch('a', { size: 1 })
          .tee(Visit, () => undefined)
          .to(Total),
      twice,
    ],
    [
      'the class that it reads, at the end',
      () =>
        keyed()
          .batch('a', { size: 1 })
          .map(([{ user }]: any) => view(user))
          .to(View),
      readAgain,
    ],
    [
      'the class that it reads, in the middle',
      () =>
        (flow(View) as any)
          .through(View, () => 1)
          .batch('a', { size: 1 })
          .to(Total),
      readAgain,
    ],
    [
      'a class of its tree, at the side',
      () =>
        flow(joinStreams(View, joinWith(Total, { left: field(View, 'ms'), right: field(Total, 'ms') })))
          .map(([{ user, ms }]) => message(Visit, { user, ms }))
          .through(Visit, () => 1)
          .batch('a', { size: 1 })
          .tee(Total, () => undefined)
          .map(() => message(Spy, { user: '', ms: 1 }))
          .to(Spy),
      'The flow reads Total, and writes Total as well',
    ],
    [
      'two streams of one name, after which stages are named',
      () =>
        flow(View)
          .map(() => message(OtherView, { n: 1 }))
          .through(OtherView, ({ n }) => n)
          .batch('a', { size: 1 })
          .map(() => message(Total, { user: '', ms: 1 }))
          .to(Total),
      "The flow reads two classes called View: a stage has the name of the class that it reads, and its group is named after it. Give one of them another name: @Message({ name: '…' }).",
    ],
    [
      'stages of what is no flow',
      () => stagesOf({ what: 'process' } as any),
      'stagesOf(): expected a flow that has ended with .to(…)',
    ],
    [
      'stages of a flow without an end',
      () => stagesOf(flow(View) as any),
      'stagesOf(): expected a flow that has ended with .to(…)',
    ],
  ])('refuses %s', (_, make, sentence) => {
    expect(make).toThrow(sentence);
  });
});

describe('the stages of a flow', () => {
  it('are named after the stream that they read', () => {
    const three = keyed()
      .batch('lists', { size: 2 })
      .map(([visit]) => message(Spy, visit!))
      .through(Spy, ({ ms }) => ms)
      .batch('others', { size: 2 })
      .map(([spy]) => message(Total, spy!))
      .to(Total);
    expect(stagesOf(three).map(({ name }) => name)).toEqual(['View', 'Visit', 'Spy']);
    const one = flow(View)
      .map(({ user, ms }) => message(Total, { user, ms }))
      .to(Total);
    expect(stagesOf(one).map(({ name }) => name)).toEqual(['View']);
    const window = tumblingWindow(View, field(View, 'ms'), { size: 5 });
    const folded = foldWindow(window, { initial: () => ({ user: '', ms: 0 }), add: (sum, { ms }) => ({ ...sum, ms }) });
    const process = flow(folded)
      .map((sum) => message(Total, sum))
      .to(Total);
    expect(stagesOf(process).map(({ name }) => name)).toEqual(['View']);
    const broker = new MemoryMessageBroker([[View, []]]);
    expect(new WaterMill({ process, broker }).explain()).toContain('the flow over View');
  });

  it('over files, run one after another, write the same as the whole flow', async () => {
    const directory = temporaryDirectory();
    writeFileSync(directory.file('views.json'), JSON.stringify(input));
    const fileOf = (name: string) => directory.file(`${name}.ndjson`);
    const linesOf = (name: string) =>
      readFileSync(fileOf(name), 'utf8')
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    const mill = (process: object, ...entries: readonly (readonly [any, string])[]) =>
      new WaterMill({ process, broker: new JsonFileMessageBroker(entries as any) });
    const read = [View, directory.file('views.json')] as const;
    await mill(totalsOfUsers(), read, [Visit, fileOf('whole-visits')], [Total, fileOf('whole')]).run();
    const [first, second] = stagesOf(totalsOfUsers());
    await mill(first!.process, read, [Visit, fileOf('visits')]).run();
    await mill(second!.process, [Visit, fileOf('visits')], [Total, fileOf('totals')]).run();
    expect([linesOf('whole-visits'), linesOf('visits')]).toEqual([visits, visits]);
    expect([linesOf('whole'), linesOf('totals')]).toEqual([totals, totals]);
    directory.remove();
  });

  it('are refused in one mill on several lanes, with what to do', async () => {
    const broker = new ScriptedBroker([[View, input]], { ...several, abilities: { partitionsByKey: true } });
    const error = await rejection(new WaterMill({ process: totalsOfUsers(), broker }).run());
    expect(error).toMatchObject({ code: 'WM_FLOW', details: { found: '2' } });
    expect(error.message).toMatch(
      /^the flow over View goes through Visit, and there are several lanes: .*runStages\(process, .*stagesOf\(process\)/,
    );
    expect(broker.written(Visit)).toEqual([]);
  });

  it('set the key of their output, if a broker partitions by key; otherwise several lanes are refused', async () => {
    const [first, second] = stagesOf(totalsOfUsers());
    const blind = new ScriptedBroker([[View, input]], several);
    const error = await rejection(new WaterMill({ process: first!.process, broker: blind }).run());
    expect(error).toMatchObject({ code: 'WM_FLOW', details: { message: 'Visit', broker: 'ScriptedBroker' } });
    expect(error.message).toMatch(
      'goes through Visit, and there are several lanes: the elements of one key must be together, and ScriptedBroker',
    );
    const keyedBroker = new ScriptedBroker([[View, input]], { ...several, abilities: { partitionsByKey: true } });
    const { broker, requests } = withRequests(keyedBroker);
    await new WaterMill({ process: first!.process, broker }).run();
    const [{ outputs } = { outputs: [] }] = requests;
    expect(outputs.map(({ message: of, key }) => [of, key?.(message(Visit, { user: 'ann', ms: 1 }))])).toEqual([
      [Visit, 'ann'],
    ]);
    expect(keyedBroker.written(Visit, '1')).toHaveLength(5);
    const reading = new ScriptedBroker([[Visit, visits]], { ...several, abilities: { tables: true } });
    await new WaterMill({ process: second!.process, broker: reading }).run();
    expect(reading.written(Total, '1')).toEqual(totals);
  });

  it('refuse a later keyBy on several lanes like any other, also after a local one', async () => {
    const counts = (begun: any) =>
      begun
        .batch('a', { size: 1 })
        .keyBy(() => 1)
        .batch('b', { size: 1 })
        .map(() => message(Total, { user: '', ms: 1 }))
        .to(Total);
    const local = flow(View).keyBy(({ page }) => page, { local: true });
    for (const process of [counts(local), stagesOf(counts(keyed()))[1]!.process]) {
      const broker = new ScriptedBroker(
        [
          [View, input],
          [Visit, visits],
        ],
        several,
      );
      const error = await rejection(new WaterMill({ process, broker }).run());
      expect(error.message).toMatch(
        /values of one key may arrive in any of them.* replace keyBy by \.through\(Class, key\)/,
      );
    }
  });
});

describe('runStages', () => {
  /** A mill for each stage, on separate streams in memory; elements are copied as they are written. */
  function mills(more: Partial<MillOptions> = {}) {
    const stream = new ScriptedStream([], true);
    const made: WaterMill[] = [];
    const brokers = {
      View: new ScriptedBroker([[View, new ScriptedStream(input, false)]]),
      Visit: new ScriptedBroker([[Visit, stream]], { abilities: { tables: true } }),
    };
    const millOf = ({ name, process }: { name: string; process: object }) => {
      const mill = new WaterMill({ process, broker: brokers[name as 'View' | 'Visit'], ...more });
      made.push(mill);
      return mill;
    };
    return { stream, made, brokers, millOf };
  }

  it('runs the stages concurrently, and returns their reports', async () => {
    const { stream, brokers, millOf } = mills();
    const running = runStages(totalsOfUsers(), millOf);
    await until(() => brokers.View.written(Visit).length === 5);
    stream.push(...visits);
    stream.end();
    expect((await running).map(({ calls }) => calls)).toEqual([6, 5]);
    expect(brokers.Visit.written(Total)).toEqual(totals);
  });

  it('stops the others when one fails, and rejects with its error', async () => {
    const { stream, brokers, millOf } = mills();
    const running = rejection(runStages(totalsOfUsers(), millOf));
    await until(() => brokers.View.written(Visit).length === 5);
    stream.push({ user: 'ann', ms: 'none' });
    expect(await running).toMatchObject({ code: 'WM_BAD_MESSAGE' });
    const waiting = mills();
    const view = new ScriptedStream(input, true);
    waiting.brokers.View.streams.set(View, view);
    const failing = rejection(runStages(totalsOfUsers(), waiting.millOf));
    view.fail(new Error('gone'));
    expect(await failing).toMatchObject({ code: 'WM_BROKER_FAILED' });
    expect(waiting.brokers.Visit.open).toBe(0);
  });

  it('runs none if one cannot be made', async () => {
    const { brokers, millOf } = mills();
    const process = totalsOfUsers();
    const running = runStages(process, (stage) => {
      if (stage.name === 'Visit') throw new Error('no mill');
      return millOf(stage);
    });
    await expect(running).rejects.toThrow('no mill');
    expect(brokers.View.calls).toEqual([]);
    expect(await rejection(runStages(process, undefined as any))).toMatchObject({ code: 'WM_FLOW' });
    const forgotten = await rejection(runStages(process, (() => undefined) as any));
    expect(forgotten).toMatchObject({
      code: 'WM_FLOW',
      message: expect.stringContaining('the stage View: expected a mill: return new WaterMill({ … }), found undefined'),
    });
  });

  it('rejects with the error of the run, even if another cannot be stopped', async () => {
    let stops = 0;
    const running = runStages(totalsOfUsers(), ({ name }) => ({
      async run() {
        throw new Error(`${name} failed`);
      },
      async stop() {
        stops++;
        throw new Error(`${name} cannot be stopped`);
      },
    }));
    await expect(running).rejects.toThrow('View failed');
    expect(stops).toBe(2);
  });
});
