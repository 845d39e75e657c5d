import {
  appendFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  type BrokerLane,
  CustomMessageBroker,
  DirectoryMessageBroker,
  type FileEntryOptions,
  field,
  JsonFileMessageBroker,
  type JsonFileOptions,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  message,
  processFunction,
  lines as textLines,
  WaterMill,
} from 'watermill';
import { Alarm, Order, orders, Price, prices, range, Sale, sell, tree } from '../../mill/support/model.js';
import { rejection } from '../../mill/support/rejection.js';
import { ScriptedBroker, ScriptedStream } from '../../mill/support/scripted-broker.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { settled, VirtualClock } from '../../support/virtual-clock.js';

const folder = temporaryDirectory();
afterAll(() => folder.remove());

const both = processFunction(tree, { emits: [Sale, Alarm] }, (order, found) => [
  ...found.of(order).map(({ amount }) => message(Sale, { id: order.id, amount })),
  message(Alarm, { text: order.id }),
]);

describe('a failure of one of several brokers', () => {
  const run = (broken: string) => {
    const leads = new ScriptedBroker(
      [
        [Order, orders(1, 2)],
        [Sale, []],
      ],
      { name: 'Leads' },
    );
    const other = new ScriptedBroker(
      [
        [Price, prices(1, 2)],
        [Alarm, []],
      ],
      { name: 'Other', isAsync: true },
    );
    other.onCall = (call) => {
      if (call === broken) throw new Error('no more');
    };
    return { leads, other, run: new WaterMill({ process: both, broker: [leads, other] }).run() };
  };

  it.each([
    ['connect', 'connecting'],
    ['openReader', 'opening stream-0'],
    ['read', 'reading stream-0'],
    ['openWriter', 'opening the outputs'],
    ['write', 'writing results'],
    ['flush', 'making results durable'],
    ['end', 'ending the outputs'],
    ['commit', 'taking note of a commit'],
    ['publish', 'making the results final'],
    ['connection.close', 'closing'],
  ])('in %s names that broker and its operation', async (call, work) => {
    const { leads, other, run: running } = run(call);
    const error = await rejection(running);
    expect(error).toMatchObject({ code: 'WM_BROKER_FAILED', details: { broker: 'Other' } });
    expect(error.message).toContain(`Other failed while ${work}: `);
    expect(leads.open).toBe(0);
    expect(other.open).toBe(0);
  });

  it('leaves the partial results of all of them in the error message', async () => {
    const leads = new ScriptedBroker(
      [
        [Order, orders(1)],
        [Sale, []],
      ],
      { name: 'Leads' },
    );
    leads.partial = 'here';
    const other = new ScriptedBroker(
      [
        [Price, prices(1)],
        [Alarm, []],
      ],
      { name: 'Other' },
    );
    other.partial = 'there';
    const dies = processFunction(tree, { emits: [Sale, Alarm] }, () => {
      throw new Error('dies');
    });
    const error = await rejection(new WaterMill({ process: dies, broker: [leads, other] }).run());
    expect(error.details).toMatchObject({ partialResults: 'here, there' });
  });
});

it('a result is a snapshot of when its call was done, whichever broker it goes to', async () => {
  const memory = new MemoryMessageBroker([[Order, orders(1, 2, 3)], [Alarm]]);
  const out = folder.file('own.ndjson');
  const files = new JsonFileMessageBroker([
    [Price, file('own-prices.ndjson', prices(1, 2, 3))],
    [Sale, out],
  ]);
  const alarm = message(Alarm, { text: '' });
  const sale = message(Sale, { id: '', amount: 0 });
  const reuses = processFunction(tree, { emits: [Sale, Alarm] }, ({ id, time }) => {
    alarm.text = id;
    sale.amount = time;
    return [alarm, sale];
  });
  await new WaterMill({ process: reuses, broker: [memory, files] }).run();
  expect(memory.written(Alarm).map(({ text }) => text)).toEqual(['o0', 'o1', 'o2']);
  expect(lines(out).map(({ amount }) => amount)).toEqual([1, 2, 3]);
});

it('a file of two brokers is read by each with its own options', async () => {
  const path = file('twice.ndjson', orders(1, 2));
  const deserializer = (text: string) => ({ time: JSON.parse(text).time, amount: text.length });
  const broker = [
    new JsonFileMessageBroker([[Order, path]]),
    // The types accept lines only for a class with one string field.
    new JsonFileMessageBroker([[Price, path, { format: textLines() as never, deserializer }]]),
  ];
  const memory = new MemoryMessageBroker([]);
  await new WaterMill({ process: sell, broker, outputBroker: memory }).run();
  const [one, two] = readFileSync(path, 'utf8').split('\n');
  expect(memory.written(Sale).map(({ id, amount }) => [id, amount])).toEqual([
    ['o0', one?.length],
    ['o1', two?.length],
  ]);
});

it('a stream has the timeout of its own broker', async () => {
  const clock = new VirtualClock();
  const leads = new MemoryMessageBroker([[Order]], { dataTimeoutMs: 5_000 });
  const other = new MemoryMessageBroker([[Price]], { dataTimeoutMs: 1_000 });
  const left = processFunction(
    joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' })),
    { emits: [Sale] },
    ({ id }) => message(Sale, { id, amount: 0 }),
  );
  const mill = new WaterMill({ process: left, broker: [leads, other], clock });
  expect(mill.explain()).toContain('a stream of MemoryMessageBroker ends after 5000 ms without elements\n');
  expect(mill.explain()).toContain('a stream of MemoryMessageBroker ends after 1000 ms without elements\n');
  const running = mill.run();
  await leads.push(Order, ...orders(1, 2));
  await settled();
  expect(leads.written(Sale)).toEqual([]);
  await clock.advance(1_000);
  expect(leads.written(Sale)).toHaveLength(2);
  await clock.advance(5_000);
  expect(await running).toMatchObject({ ended: 'timeout', because: 'Order' });
});

describe('custom sources and sinks with a leading broker', () => {
  it('are reread by ordinal and written at least once; batches are repeated under their ids', async () => {
    const batches: { id: string; texts: string[] }[] = [];
    const seen: string[] = [];
    const leads = new ScriptedBroker([[Order, orders(...range(12))]]);
    const custom = () =>
      new CustomMessageBroker<any, any>({
        sources: [[Price, prices(...range(12))]],
        sinks: [
          [Sale, ({ id }: Sale) => void seen.push(id)],
          [
            Alarm,
            {
              write: (alarms: readonly Alarm[], { id }: { id: string }) =>
                void batches.push({ id, texts: alarms.map(({ text }) => text) }),
            },
          ],
        ],
        progress: folder.file('custom'),
      });
    const run = () => new WaterMill({ process: both, broker: [custom(), leads], commitEvery: { elements: 3 } }).run();
    let commits = 0;
    leads.onCall = (call) => {
      if (call === 'commit' && ++commits === 3) throw new Error('dies');
    };
    expect(await rejection(run())).toMatchObject({ code: 'WM_BROKER_FAILED' });
    leads.onCall = () => {};
    await run();
    const all = orders(...range(12)).map(({ id }) => id);
    expect([...new Set(seen)]).toEqual(all);
    expect(seen.length).toBeGreaterThan(all.length);
    const once = new Map(batches.map(({ id, texts }) => [id, texts]));
    expect([...once.values()].flat()).toEqual(all);
  });
});

it('a batch of a custom sink that is given again is kept until a commit of the leader covers it', async () => {
  const leads = new ScriptedBroker([[Order, orders(...range(24))]]);
  const batches = new Map<string, string[]>();
  const write = (alarms: readonly Alarm[], { id }: { id: string }) => {
    const texts = alarms.map(({ text }) => text);
    expect(batches.get(id) ?? texts).toEqual(texts);
    batches.set(id, texts);
  };
  const emit = processFunction(Order, { emits: [Alarm] }, ({ id }) => message(Alarm, { text: id }));
  const run = (elements: number, dyingCommit: number) => {
    const broker = [
      leads,
      new CustomMessageBroker({ sinks: [[Alarm, { write }]], progress: folder.file('given-again') }),
    ];
    let commits = 0;
    leads.onCall = (call) => {
      if (call === 'commit' && ++commits === dyingCommit) throw new Error('dies');
    };
    return new WaterMill({ process: emit, broker, commitEvery: { elements } }).run();
  };
  await rejection(run(4, 2));
  await rejection(run(7, 1));
  await rejection(run(3, 1));
  await run(5, -1);
  expect([...batches.values()].flat()).toEqual(range(24).map((i) => `o${i}`));
});

it.each<[when: string, options: JsonFileOptions, first: number[], before: number[]]>([
  ['the leader keeps nothing', {}, [1, 2, 3], [1, 2, 3]],
  ['the leader keeps nothing and the run before failed', {}, [1, 2, -1], [1, 2]],
  ['onEnded says so', { group: 'over', onEnded: 'restart' }, [1, 2, 3], [1, 2, 3]],
])('a custom sink gets all results of a run that starts over: %s', async (when, options, first, before) => {
  const batches = new Map<string, number[]>();
  const write = (sales: readonly Sale[], { id }: { id: string }) => {
    expect(batches.has(id)).toBe(false);
    batches.set(
      id,
      sales.map(({ amount }) => amount),
    );
  };
  const sell = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
    if (time < 0) throw new Error('too early');
    return message(Sale, { id, amount: time });
  });
  const run = (...times: number[]) => {
    const path = file('starts-over.ndjson', orders(...times));
    const outputBroker = new CustomMessageBroker({ sinks: [[Sale, { write }]], progress: folder.file(when) });
    return new WaterMill({
      process: sell,
      broker: new JsonFileMessageBroker([[Order, path]], options),
      outputBroker,
    }).run();
  };
  await run(...first).catch(() => {});
  await run(11, 12, 13, 14);
  await run(21, 22);
  expect([...batches.values()]).toEqual([before, [11, 12, 13, 14], [21, 22]]);
});

it('a failure to confirm a lane names the broker that leads', async () => {
  const leads = new ScriptedBroker([[Order, orders(1)]]);
  const connect = leads.connect.bind(leads);
  const confirm = () => Promise.reject(new Error('no connection'));
  leads.connect = async (request) => {
    const connection = await connect(request);
    const lanes = () => [...(connection.lanes() as Iterable<BrokerLane>)].map((lane) => ({ ...lane, confirm }));
    return Object.assign(Object.create(connection), { lanes });
  };
  const sell = processFunction(Order, { emits: [Sale] }, ({ id }) => message(Sale, { id, amount: 1 }));
  const outputBroker = new JsonFileMessageBroker([[Sale, folder.file('unconfirmed.ndjson')]]);
  const error = await rejection(new WaterMill({ process: sell, broker: leads, outputBroker }).run());
  expect(error.message).toBe('ScriptedBroker failed while confirming lane 0: no connection.');
});

describe('a file of a broker that does not lead, when the run continues', () => {
  const values = (count: number, amount: number) => range(count).map((time) => ({ time, amount }));
  const asLines = (all: readonly object[]) => all.map((value) => `${JSON.stringify(value)}\n`).join('');
  let files = 0;

  /** The first run fails in the middle; then the file is changed. */
  async function continued(
    text: string | Buffer,
    change: (path: string) => void,
    ending = 'ndjson',
    options: FileEntryOptions<Price> = {},
  ) {
    const path = folder.file(`reference-${++files}.${ending}`);
    writeFileSync(path, text);
    const leads = new MemoryMessageBroker([[Order, range(1_000).map((time) => ({ time, id: `o${time}` }))]]);
    let fails = true;
    const run = () => {
      const process = processFunction(tree, { emits: [Sale] }, (order, found) => {
        if (fails && order.time === 500) throw new Error('not yet');
        return found.of(order).map(({ amount }) => message(Sale, { id: order.id, amount }));
      });
      const broker = [leads, new JsonFileMessageBroker([[Price, path, options]])];
      return new WaterMill({ process, broker, commitEvery: { elements: 100 } }).run();
    };
    await rejection(run());
    fails = false;
    change(path);
    const error = await run().then(
      () => undefined,
      (thrown) => thrown,
    );
    return { error, written: leads.written(Sale).length };
  }

  const lines = asLines(values(1_000, 1));
  it.each<[string, string | Buffer, string]>([
    ['lines', lines, 'ndjson'],
    ['an array', JSON.stringify(values(1_000, 1)), 'json'],
    ['packed lines', gzipSync(lines), 'ndjson.gz'],
    [
      'CSV',
      `time,amount\n${values(1_000, 1)
        .map(({ time, amount }) => `${time},${amount}\n`)
        .join('')}`,
      'csv',
    ],
  ])('must be the same: %s', async (_, text, ending) => {
    const shorter = await continued(text, (path) => writeFileSync(path, text.slice(0, 100)), ending);
    expect(shorter.error).toMatchObject({ code: 'WM_FILE_CHANGED', details: { message: 'Price', found: '100' } });
    const same = await continued(text, (path) => utimesSync(path, 5, 5), ending);
    expect(same).toEqual({ error: undefined, written: 1_000 });
  });

  it('may have grown, but must not begin differently', async () => {
    const grown = await continued(lines, (path) => appendFileSync(path, asLines([{ time: 1_000, amount: 1 }])));
    expect(grown).toEqual({ error: undefined, written: 1_000 });
    const other = await continued(lines, (path) => writeFileSync(path, asLines(values(1_000, 2))));
    expect(other.error).toMatchObject({
      code: 'WM_FILE_CHANGED',
      message: expect.stringContaining(
        'is not the file that the last run read for Price: expected the beginning that it had',
      ),
    });
    const gone = await continued(lines, (path) => rmSync(path));
    expect(gone.error).toMatchObject({ code: 'WM_FILE_MISSING' });
  });

  it('may be followed: what was read of it must be the same', async () => {
    const follow = (change: (path: string) => void) => continued(lines, change, 'ndjson', { follow: true });
    const more = asLines([{ time: 1_000, amount: 1 }]);
    const grown = await follow((path) => appendFileSync(path, more));
    expect(grown).toEqual({ error: undefined, written: 1_000 });
    const rotated = await follow((path) => {
      renameSync(path, `${path}.1`);
      writeFileSync(path, asLines(values(1_000, 2)) + more);
    });
    expect(rotated.error).toMatchObject({
      code: 'WM_FILE_CHANGED',
      message: expect.stringContaining(
        'is not the file that the last run read for Price: expected the end that it had',
      ),
    });
    expect(rotated.written).toBe(500);
    const emptied = await follow((path) => writeFileSync(path, ''));
    expect(emptied.error).toMatchObject({ code: 'WM_FILE_CHANGED', details: { message: 'Price', found: '0' } });
  });
});

describe('a directory with a leading broker', () => {
  const make = (lanes?: readonly string[]) => {
    file('incoming-1.ndjson', prices(1, 2));
    const leads = new ScriptedBroker([[Order, orders(1, 2)]], { ...(lanes && { lanes }) });
    const directory = new DirectoryMessageBroker({
      sources: [[Price, folder.path, { pattern: 'incoming-*.ndjson', settleMs: 0, end: 'when empty' }]],
      progress: folder.file('directory'),
    });
    return { leads, run: new WaterMill({ process: sell, broker: [leads, directory] }).run() };
  };

  it('is read by its only lane', async () => {
    const { leads, run } = make();
    await run;
    expect(leads.written(Sale)).toHaveLength(2);
  });

  it('is refused if there are several', async () => {
    const { leads, run } = make(['0', '1']);
    expect(await rejection(run)).toMatchObject({ code: 'WM_BROKER_CANNOT_FOLLOW', details: { message: 'Price' } });
    expect(leads.open).toBe(0);
  });
});

it('a lane that starts over drops the state of the other brokers, the leader last', async () => {
  const calls: string[] = [];
  const leads = new ScriptedBroker([[Order, orders(1, 2)]], { name: 'Leads' });
  const other = new ScriptedBroker([[Price, prices(1, 2)]], { name: 'Other' });
  await new WaterMill({ process: sell, broker: [leads, other] }).run();
  leads.onCall = (call) => calls.push(`leads ${call}`);
  other.onCall = (call) => calls.push(`other ${call}`);
  const changed = processFunction(
    joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time'), kind: 'left' })),
    { emits: [Sale] },
    ({ id }) => message(Sale, { id, amount: 0 }),
  );
  await new WaterMill({ process: changed, broker: [leads, other], onPlanChange: 'restart' }).run();
  expect(calls.filter((call) => call.endsWith('restart'))).toEqual(['other restart', 'leads restart']);
  expect(leads.written(Sale)).toHaveLength(2);
});

it('the state of another broker is ignored if the leader has no commit', async () => {
  const other = new ScriptedBroker([[Price, prices(1, 2)]], { name: 'Other' });
  const run = () =>
    new WaterMill({ process: sell, broker: [new ScriptedBroker([[Order, orders(1, 2)]]), other] }).run();
  await run();
  other.calls.length = 0;
  await run();
  expect(other.calls.indexOf('restart')).toBeGreaterThanOrEqual(0);
  expect(other.calls.indexOf('restart')).toBeLessThan(other.calls.indexOf('openReader'));
});

it('an input that another process takes ends the run with an error: no other process has the lane', async () => {
  const taken = new AbortController();
  const live = new ScriptedStream(orders(1, 2), true);
  const leads = new ScriptedBroker([[Order, live]], { name: 'Leads' });
  const other = new ScriptedBroker([[Price, prices(1, 2)]], { name: 'Other', revoked: taken.signal });
  const running = new WaterMill({ process: sell, broker: [leads, other] }).run();
  await settled();
  taken.abort();
  expect(await rejection(running)).toMatchObject({ code: 'WM_LANE_TAKEN', details: { broker: 'Other' } });
  expect({ leads: leads.open, other: other.open }).toEqual({ leads: 0, other: 0 });
});

describe('an output that was waited for while its lane continued in another process', () => {
  const write = processFunction(Order, { emits: [Sale] }, ({ id, time }) => {
    if (time === failsAt) throw new Error('dies');
    return message(Sale, { id, amount: time });
  });
  let failsAt = -1;
  const batches = new Map<string, number[]>();
  const brokers = {
    file: () => new JsonFileMessageBroker([[Sale, folder.file('waited.ndjson')]]),
    sink: () =>
      new CustomMessageBroker({
        sinks: [
          [
            Sale,
            {
              write: (sales, { id }) =>
                void batches.set(id, [...(batches.get(id) ?? []), ...sales.map((sale) => sale.amount)]),
            },
          ],
        ],
        progress: folder.file('waited'),
      }),
  };
  const stateOf = {
    file: () => readFileSync(folder.file('waited.ndjson.partial'), 'utf8'),
    sink: () => [readdirSync(folder.file('waited/outbox/lane-0')).sort(), ...batches],
  };

  it.each(['file', 'sink'] as const)('is left as that process left it: %s', async (kind) => {
    const leads = new ScriptedBroker([[Order, orders(...range(12))]]);
    const connect = leads.connect.bind(leads);
    let isTaken = false;
    const claimed = (lane: BrokerLane): BrokerLane => {
      const loss = new AbortController();
      const confirm = async () => {
        if (!isTaken) return;
        loss.abort();
        throw new Error('taken');
      };
      return { ...lane, revoked: loss.signal, lost: loss.signal, confirm };
    };
    leads.connect = async (request) => {
      const connection = await connect(request);
      const lanes = () => [...(connection.lanes() as Iterable<BrokerLane>)].map(claimed);
      return Object.assign(Object.create(connection), { lanes });
    };
    const run = (until: number) => {
      failsAt = until;
      const broker = [leads, brokers[kind]()];
      return new WaterMill({ process: write, broker, commitEvery: { elements: 2 } }).run();
    };
    await rejection(run(4));
    const stale = leads.commits.get('0') as string;
    await rejection(run(9));
    const [state, last] = [stateOf[kind](), leads.commits.get('0') as string];
    leads.commits.set('0', stale);
    isTaken = true;
    expect(await run(-1)).toMatchObject({ ended: 'revoked', calls: 0 });
    expect(stateOf[kind]()).toEqual(state);
    isTaken = false;
    leads.commits.set('0', last);
    await run(-1);
    const found =
      kind === 'sink'
        ? [...batches.values()].flat()
        : readFileSync(folder.file('waited.ndjson'), 'utf8')
            .split('\n')
            .slice(0, -1)
            .map((line) => JSON.parse(line).amount);
    expect(found).toEqual(range(12));
  });
});

describe('a file that two brokers of a mill use', () => {
  const sales = processFunction(Order, { emits: [Sale] }, ({ id }) => message(Sale, { id, amount: 1 }));
  const in_ = (name: string): string => folder.file(name);

  it.each<[string, string, string]>([
    ['the partial results', 'a.ndjson.partial', 'a.ndjson'],
    ['another name of the input', 'b.ndjson', 'b.hard'],
    ['the input in a linked folder', 'sub/c.ndjson', 'linked/c.ndjson'],
  ])('is refused, and the input stays: %s', async (_, from, to) => {
    mkdirSync(in_('sub'), { recursive: true });
    if (!existsSync(in_('linked'))) symlinkSync('sub', in_('linked'));
    const input = file(from, orders(1, 2));
    if (to === 'b.hard') linkSync(input, in_(to));
    const before = readFileSync(input, 'utf8');
    const reads = new JsonFileMessageBroker([[Order, input]]);
    const writes = new JsonFileMessageBroker([[Sale, in_(to)]]);
    for (const brokers of [{ broker: [reads, writes] }, { broker: reads, outputBroker: writes }]) {
      const error = await rejection(new WaterMill({ process: sales, ...brokers }).run());
      expect(error).toMatchObject({ code: 'WM_SAME_FILE', message: expect.stringContaining('the input of Order') });
    }
    expect(readFileSync(input, 'utf8')).toBe(before);
  });

  it('is refused if one writes into the folder whose name the other one gives a file', async () => {
    const first = new JsonFileMessageBroker([
      [Order, file('d.ndjson', orders(1, 2))],
      [Sale, in_('new')],
    ]);
    const second = new JsonFileMessageBroker([[Alarm, in_('new/alarms')]]);
    const process = processFunction(Order, { emits: [Sale, Alarm] }, () => undefined);
    for (const broker of [
      [first, second],
      [second, first],
    ]) {
      expect(await rejection(new WaterMill({ process, broker }).run())).toMatchObject({
        code: 'WM_SAME_FILE',
        message: `${in_('new')} would be written as the output of Sale, but is the folder of ${in_('new/alarms')}, the output of Alarm. Give every result class its own file, with another name.`,
      });
    }
    expect(existsSync(in_('new'))).toBe(false);
  });

  it('is refused if it is the progress of the leader', async () => {
    const progress = in_('progress');
    const broker = new CustomMessageBroker({ sources: [[Order, () => orders(1, 2)]], progress });
    const outputBroker = new JsonFileMessageBroker([[Sale, in_('progress/commit.json')]]);
    const run = () => new WaterMill({ process: sales, broker, outputBroker }).run();
    expect(await rejection(run())).toMatchObject({ code: 'WM_SAME_FILE' });
    expect(readdirSync(progress)).toEqual([]);
  });

  it.each<[string, object, string, boolean]>([
    ['a file of it', {}, 'inbox/sales.json', true],
    ['a file of it through a link', {}, 'linked inbox/sales.json', true],
    ['a file in a folder of it that is read', { recursive: true }, 'inbox/deep/sales.json', true],
    ['a file in a folder of it that is not read', {}, 'inbox/deep/sales.json', false],
    ['a hidden file', {}, 'inbox/.sales.json', false],
    ['a file with another name', { pattern: 'orders-*' }, 'inbox/sales.json', false],
    ['a file next to it', { recursive: true }, 'inbox-sales.json', false],
  ])('is refused if a result would be data of a directory: %s', async (_, options, to, isRefused) => {
    mkdirSync(in_('inbox/deep'), { recursive: true });
    if (!existsSync(in_('linked inbox'))) symlinkSync('inbox', in_('linked inbox'));
    writeFileSync(in_('inbox/orders-1.json'), JSON.stringify(orders(1, 2)));
    const given = { ...options, settleMs: 0, end: 'when empty' } as const;
    const reads = new DirectoryMessageBroker({ sources: [[Order, in_('inbox'), given]] });
    const outputBroker = new JsonFileMessageBroker([[Sale, in_(to)]]);
    const run = () => new WaterMill({ process: sales, broker: reads, outputBroker }).run();
    if (isRefused) {
      expect(await rejection(run())).toMatchObject({
        code: 'WM_SAME_FILE',
        message: expect.stringContaining(`would be read as data of ${in_('inbox')}, the input of Order`),
      });
      expect(readdirSync(in_('inbox')).sort()).toEqual(['deep', 'orders-1.json']);
    } else {
      expect(await run()).toMatchObject({ calls: 2 });
      rmSync(in_(to));
    }
  });

  it('is refused if the directory is that of a later broker, but may be read by two', async () => {
    mkdirSync(in_('prices'));
    writeFileSync(in_('prices/prices-1.json'), JSON.stringify(orders(1, 2)));
    const deserializer = ({ time }: { time: number }) => ({ time, amount: 1 });
    const given = { settleMs: 0, end: 'when empty', deserializer } as const;
    const directory = new DirectoryMessageBroker({ sources: [[Price, in_('prices'), given]] });
    const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));
    const process = processFunction(tree, { emits: [Sale] }, ({ id }) => message(Sale, { id, amount: 1 }));
    const run = (to: string) => {
      const files = new JsonFileMessageBroker([
        [Order, in_('prices/prices-1.json')],
        [Sale, in_(to)],
      ]);
      return new WaterMill({ process, broker: [files, directory] }).run();
    };
    expect(await rejection(run('prices/sales.json'))).toMatchObject({ code: 'WM_SAME_FILE' });
    expect(readdirSync(in_('prices'))).toEqual(['prices-1.json']);
    expect(await run('sales of prices.json')).toMatchObject({ calls: 2 });
  });

  it('is accepted if both only read it', async () => {
    const input = file('e.ndjson', orders(1, 2));
    const both = new WaterMill({
      process: processFunction(
        joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') })),
        {},
        () => {},
      ),
      broker: [
        new JsonFileMessageBroker([[Order, input]]),
        new JsonFileMessageBroker([
          [Price, input, { deserializer: ({ time }: { time: number }) => ({ time, amount: 1 }) }],
        ]),
      ],
    });
    expect(await both.run()).toMatchObject({ calls: 2 });
  });
});

function file(name: string, values: readonly object[]): string {
  writeFileSync(folder.file(name), values.map((value) => `${JSON.stringify(value)}\n`).join(''));
  return folder.file(name);
}

function lines(path: string): { amount: number }[] {
  const text = readFileSync(path, 'utf8');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}
