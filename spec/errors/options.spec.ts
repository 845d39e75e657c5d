import 'reflect-metadata';
import {
  AtEnd,
  CustomMessageBroker,
  csv,
  DirectoryMessageBroker,
  every,
  Field,
  field,
  Inject,
  JsonFileMessageBroker,
  joinWith,
  lines,
  MemoryMessageBroker,
  Message,
  Process,
  processFunction,
  slidingWindow,
  table,
  Unmatched,
  WaterMill,
  workerProcess,
} from '../../lib';
import { BatchStream, directorySource, resetStream } from '../../lib/batches';
import { KafkaMessageBroker } from '../../lib/brokers/kafka';
import { RedisMessageBroker, redisGroup, redisList, redisStream } from '../../lib/brokers/redis';
import { flow, hopping, session, sliding, tumbling } from '../../lib/flow';
import { telemetry } from '../../lib/metrics';
import { settingsOf } from '../../lib/mill/service/service-options';
import { testMill } from '../../lib/testing';

@Message()
class Item {
  @Field() id!: number;
}

@Message()
class Other {
  @Field() id!: number;
}

const id = field(Item, 'id');
const kafka = (source = {}) => new KafkaMessageBroker({ brokers: ['k:1'], topics: [[Item, 'items']], ...source });
const process = processFunction(Item, { emits: [] }, () => {});
const makeMill = (options = {}) =>
  new WaterMill({ process, broker: new MemoryMessageBroker([[Item, []]]), ...options } as never);
const keyed = () => flow(Item).keyBy((item) => item.id);
/** Returns the error that is thrown, or that a promise is rejected with. */
const errorOf = async (use: () => unknown): Promise<unknown> => {
  try {
    await use();
  } catch (error) {
    return error;
  }
  throw new Error('nothing was refused');
};
/** Options without types, as in plain JavaScript. */
const js = (options: object): any => options;

/** Each has an unknown option, which would have no effect. */
const unknownOptions: readonly (readonly [what: string, code: string, sentence: string, use: () => unknown])[] = [
  [
    'a join',
    'WM_JOIN_OPTIONS',
    'joinWith(Other) has no option "knid". Did you mean kind?',
    () => joinWith(Other, js({ left: id, right: field(Other, 'id'), knid: 'left' })),
  ],
  [
    'a window',
    'WM_WINDOW',
    'slidingWindow(Item) has no option "bye". Did you mean by?',
    () => slidingWindow(Item, id, js({ size: 1, bye: id })),
  ],
  [
    'a table',
    'WM_TABLE',
    'table(Item) has no option "expire". Did you mean expires?',
    () => table(Item, js({ key: id, expire: {} })),
  ],
  [
    'the expiry of a table',
    'WM_TABLE',
    'table(Item): expires has no option "agter". Did you mean after?',
    () => table(Item, js({ key: id, expires: { agter: 1, by: id } })),
  ],
  [
    'a mill',
    'WM_MILL_OPTIONS',
    'A mill has no option "outputbroker". Did you mean outputBroker?',
    () => makeMill({ outputbroker: 1 }),
  ],
  [
    'a mill with one of the process',
    'WM_MILL_OPTIONS',
    'A mill has no option "concurrency". It belongs to the process: @Process(source, { … }) or processFunction(source, { … }, …).',
    () => makeMill({ concurrency: 2 }),
  ],
  [
    'a mill with one of the broker',
    'WM_MILL_OPTIONS',
    'A mill has no option "group". It belongs to the broker.',
    () => makeMill({ group: 'a' }),
  ],
  [
    'a process with one of the mill',
    'WM_MILL_OPTIONS',
    'the process function has no option "commitEvery". It belongs to the mill: new WaterMill({ … }).',
    () =>
      new WaterMill({
        process: processFunction(Item, js({ commitEvery: {} }), () => {}),
        broker: new MemoryMessageBroker([[Item, []]]),
      }),
  ],
  [
    'a process with one of an input',
    'WM_MILL_OPTIONS',
    'the process function has no option "onBadMessage". It belongs to an entry of inputs: [Class, { … }].',
    () =>
      new WaterMill({
        process: processFunction(Item, js({ onBadMessage: 'skip' }), () => {}),
        broker: new MemoryMessageBroker([[Item, []]]),
      }),
  ],
  [
    'commitEvery',
    'WM_MILL_OPTIONS',
    'commitEvery has no option "elemnts". Did you mean elements?',
    () => makeMill({ commitEvery: { elemnts: 1 } }),
  ],
  [
    'explain',
    'WM_MILL_OPTIONS',
    'explain() has no option "fromat". Did you mean format?',
    () => makeMill().explain(js({ fromat: 'svg' })),
  ],
  [
    'health',
    'WM_MILL_OPTIONS',
    'health() has no option "stuckAfter". Did you mean stuckAfterMs?',
    () => makeMill().health(js({ stuckAfter: 1 })),
  ],
  ['why', 'WM_WHY', 'why() has no option "mots". Did you mean most?', () => makeMill().why(Item, 0, js({ mots: 1 }))],
  [
    'a broker of memory',
    'WM_BROKER_OPTIONS',
    'MemoryMessageBroker has no option "capcity". Did you mean capacity?',
    () => new MemoryMessageBroker([], js({ capcity: 1 })),
  ],
  [
    'an entry of memory',
    'WM_BROKER_OPTIONS',
    'The entry of Item of MemoryMessageBroker has no option "deserialiser". Did you mean deserializer?',
    () => new MemoryMessageBroker([[Item, [], js({ deserialiser() {} })]]),
  ],
  [
    'an entry of files',
    'WM_BROKER_OPTIONS',
    'The entry of Item of JsonFileMessageBroker has no option "folow". Did you mean follow?',
    () => new JsonFileMessageBroker([[Item, 'a.json', js({ folow: true })]]),
  ],
  [
    'csv',
    'WM_BROKER_OPTIONS',
    'csv() has no option "delimter". Did you mean delimiter?',
    () => csv(js({ delimter: ';' })),
  ],
  [
    'retries of a source',
    'WM_BROKER_OPTIONS',
    'The option \'retries\' of the source of Item of CustomMessageBroker has no option "delay". Did you mean delayMs?',
    () => new CustomMessageBroker({ sources: [[Item, () => [], js({ retries: { max: 1, delay: 1 } })]] }),
  ],
  [
    'a sink',
    'WM_BROKER_OPTIONS',
    'The sink of Item of CustomMessageBroker has no option "serialiser". Did you mean serializer?',
    () => new CustomMessageBroker({ sinks: [[Item, () => {}, js({ serialiser() {} })]] } as never),
  ],
  [
    'a timer',
    'WM_BROKER_OPTIONS',
    'every() has no option "mised". Did you mean missed?',
    () => every(1, () => ({}), js({ mised: 'all' })),
  ],
  [
    'a directory',
    'WM_BROKER_OPTIONS',
    'The entry of Item of DirectoryMessageBroker has no option "patern". Did you mean pattern?',
    () => new DirectoryMessageBroker({ sources: [[Item, 'd', js({ patern: '*' })]] }),
  ],
  [
    'Kafka',
    'WM_BROKER_OPTIONS',
    'KafkaMessageBroker has no option "grup". Did you mean group?',
    () => kafka({ grup: 'g' }),
  ],
  [
    'a topic',
    'WM_BROKER_OPTIONS',
    'The entry of Item of KafkaMessageBroker has no option "partitonBy". Did you mean partitionBy?',
    () => kafka({ topics: [[Item, 'items', { partitonBy: 'key' }]] }),
  ],
  [
    'topics that are made',
    'WM_BROKER_OPTIONS',
    'The option \'createTopics\' of KafkaMessageBroker has no option "partitons". Did you mean partitions?',
    () => kafka({ createTopics: { partitons: 3 } }),
  ],
  [
    'retries of Kafka',
    'WM_BROKER_OPTIONS',
    'The option \'retry\' of KafkaMessageBroker has no option "retrys". Did you mean retries?',
    () => kafka({ retry: { retrys: 3 } }),
  ],
  [
    'the positions to start from',
    'WM_BROKER_OPTIONS',
    'The option \'startFrom\' of KafkaMessageBroker has no topic "itmes". Did you mean items?',
    () => kafka({ startFrom: { itmes: { 0: 17 } } }),
  ],
  [
    'an entry of Redis',
    'WM_BROKER_OPTIONS',
    'The entry of Item of RedisMessageBroker has no option "raws". Did you mean raw?',
    () => new RedisMessageBroker({ entries: [[Item, redisStream('a'), js({ raws: true })]] }),
  ],
  [
    'retries of Redis',
    'WM_BROKER_OPTIONS',
    'The option \'retry\' of RedisMessageBroker has no option "retrys". Did you mean retries?',
    () => new RedisMessageBroker({ entries: [], retry: js({ retrys: 1 }) }),
  ],
  [
    'a stream of Redis',
    'WM_BROKER_OPTIONS',
    'redisStream() has no option "strat". Did you mean start?',
    () => redisStream('a', js({ strat: 'end' })),
  ],
  [
    'a list of Redis',
    'WM_BROKER_OPTIONS',
    'redisList() has no option "fiar". Did you mean fair?',
    () => redisList('a', js({ fiar: true })),
  ],
  [
    'a group of Redis',
    'WM_BROKER_OPTIONS',
    'redisGroup() has no option "maxDelivery". Did you mean maxDeliveries?',
    () => redisGroup('a', js({ consumer: 'c', maxDelivery: 1 })),
  ],
  [
    'a mill of a test',
    'WM_MILL_OPTIONS',
    'testMill() has no option "dataTimoutMs". Did you mean dataTimeoutMs?',
    () => testMill(js({ process, dataTimoutMs: 1 })),
  ],
  [
    'a batch stream',
    'WM_BROKER_OPTIONS',
    'The option \'retries\' of BatchStream has no option "delay". Did you mean delayMs?',
    () => new BatchStream(js({ sources: { a: directorySource('d') }, directory: 's', retries: { max: 1, delay: 5 } })),
  ],
  [
    'resetStream',
    'WM_BROKER_OPTIONS',
    'resetStream() has no option "sorce". Did you mean source?',
    () => resetStream('s', js({ sorce: 'a' })),
  ],
  [
    'directorySource',
    'WM_BROKER_OPTIONS',
    'directorySource() has no option "maxFile". Did you mean maxFiles?',
    () => directorySource('d', js({ maxFile: 1 })),
  ],
  [
    'telemetry',
    'WM_METRICS',
    'telemetry has no option "tracr". Did you mean tracer?',
    () => telemetry(makeMill(), js({ meter: {}, tracr: {} })),
  ],
  [
    'a worker',
    'WM_WORKER',
    'workerProcess has no option "thread". Did you mean threads?',
    () => workerProcess(Item, js({ module: 'a.js', thread: 1 })),
  ],
  ['a flow', 'WM_FLOW', 'flow() has no option "injct". Did you mean inject?', () => flow(Item, js({ injct: [] }))],
  [
    'keyBy',
    'WM_FLOW',
    'keyBy() has no option "lokal". Did you mean local?',
    () => flow(Item).keyBy((item) => item.id, js({ lokal: true })),
  ],
  [
    'reduce',
    'WM_FLOW',
    'reduce("r") has no option "atend". Did you mean atEnd?',
    () => keyed().reduce('r', Item, js({ add() {}, complete() {}, atend: 'emit' })),
  ],
  [
    'tumbling',
    'WM_FLOW',
    'tumbling() has no option "offset". There is only size.',
    () => tumbling(js({ size: 1, offset: 1 })),
  ],
  [
    'hopping',
    'WM_FLOW',
    'hopping() has no option "evry". Did you mean every?',
    () => hopping(js({ size: 1, every: 1, evry: 2 })),
  ],
  ['sliding', 'WM_FLOW', 'sliding() has no option "gap". There is only size.', () => sliding(js({ size: 1, gap: 1 }))],
  ['session', 'WM_FLOW', 'session() has no option "size". There is only gap.', () => session(js({ gap: 1, size: 1 }))],
];

describe('an unknown option', () => {
  it.each(unknownOptions)('of %s is refused, with a suggestion', async (_, code, sentence, use) => {
    expect(await errorOf(use)).toMatchObject({ code, message: sentence });
  });

  it('of a service is the problem that the service fails with', () => {
    expect(settingsOf(js({ healthport: 0 })).problem).toMatchObject({
      code: 'WM_SERVICE_OPTIONS',
      message: 'runService has no option "healthport". Did you mean healthPort?',
    });
  });
});

it.each(['host', 'healthHost'])('an empty %s of a service is refused, which would mean all addresses', (name) => {
  expect(settingsOf({ [name]: '' }).problem).toMatchObject({
    code: 'WM_SERVICE_OPTIONS',
    message: `runService: option ${name}: expected an address, such as '127.0.0.1', found "".`,
  });
});

describe('an argument that is not an object of options', () => {
  it.each<[string, string, () => unknown]>([
    [
      'explain(null)',
      'explain() takes one object of options, { format }; found null.',
      () => makeMill().explain(null as never),
    ],
    [
      'explain("svg")',
      'explain() takes one object of options, { format }; found the string "svg".',
      () => makeMill().explain('svg' as never),
    ],
    [
      'health(5)',
      'health() takes one object of options, { stuckAfterMs }; found the number 5.',
      () => makeMill().health(5 as never),
    ],
    [
      'stuckAfterMs',
      'stuckAfterMs: expected a number of milliseconds, zero or more, found "1".',
      () => makeMill().health(js({ stuckAfterMs: '1' })),
    ],
    [
      'every(…, null)',
      "The options of every() are wrong: expected an object, found null. Write every(ms, make, { missed: 'all' }).",
      () => every(1, () => ({}), null as never),
    ],
    [
      'csv(null)',
      "The options of csv() are wrong: expected an object, found null. Write csv({ delimiter: ';' }).",
      () => csv(null as never),
    ],
    [
      'lines({ … })',
      'The argument of lines() is wrong: expected none: it takes no options, found { header: true }.',
      () => (lines as any)({ header: true }),
    ],
    [
      'a sink with null',
      'The sink of Item of CustomMessageBroker is wrong: expected an object of options as its third member, found null.',
      () => new CustomMessageBroker({ sinks: [[Item, () => {}, null]] } as never),
    ],
    [
      'a list for a file',
      'The entry of Item of JsonFileMessageBroker is wrong: expected an object of options as its third member, found [].',
      () => new JsonFileMessageBroker([[Item, 'a.json', []]] as never),
    ],
    [
      'a test of a process, not of options',
      'testMill() takes one object of options, found a processFunction. Write testMill({ process }).',
      () => testMill(process as never),
    ],
    [
      'a test of a list',
      'testMill() takes one object of options, found an array. Write testMill({ process }).',
      () => testMill([process] as never),
    ],
    [
      'flow(A, [Table])',
      'flow(): expected { inject, onError }, found [the class Other].',
      () => flow(Item, [Other] as never),
    ],
  ])('is refused: %s', async (_, sentence, use) => {
    expect(((await errorOf(use)) as Error).message).toBe(sentence);
  });
});

describe('invalid entries', () => {
  class Plain {}
  const brokers: [string, string, (entries: never) => unknown][] = [
    ['MemoryMessageBroker', '[Class, elements]', (entries) => new MemoryMessageBroker(entries)],
    ['JsonFileMessageBroker', '[Class, path]', (entries) => new JsonFileMessageBroker(entries)],
    ['CustomMessageBroker', '[Class, source]', (sources) => new CustomMessageBroker({ sources })],
    ['DirectoryMessageBroker', '[Class, directory]', (sources) => new DirectoryMessageBroker({ sources })],
    ['KafkaMessageBroker', '[Class, topic]', (topics) => kafka({ topics })],
    ['RedisMessageBroker', '[Class, place]', (entries) => new RedisMessageBroker({ entries })],
  ];

  it.each(brokers)('are refused by %s', async (_, form, make) => {
    const refused = async (entries: unknown) => ((await errorOf(() => make(entries as never))) as Error).message;
    expect(await refused([Item, 'x'])).toContain(
      `expected a pair ${form}, found the class Item. Each entry is a separate array: [${form}, …].`,
    );
    expect(await refused([[undefined, 'x']])).toContain(
      'Where the class is undefined though imported, the import is circular: declare it in its own file.',
    );
    expect(await refused([[Plain, 'x']])).toContain(
      `expected a message class first, ${form}, found the class Plain. Write @Message() above the class.`,
    );
    expect(await refused([[Item, redisStream('x'), {}, {}]])).toContain(
      `expected ${form} or ${form.slice(0, -1)}, options]`,
    );
    expect(await refused(new Map([[Item, 'x']]))).toContain(`expected an array of ${form}, found Map {}.`);
  });

  it.each<[string, () => unknown]>([
    [
      'CustomMessageBroker are wrong: expected an object, found [[the class Item, []]]. Write new CustomMessageBroker({ sources: [[Class, source]], sinks: [[Class, sink]] }).',
      () => new CustomMessageBroker([[Item, []]] as never),
    ],
    [
      'DirectoryMessageBroker are wrong: expected an object, found [[the class Item, "d"]]. Write new DirectoryMessageBroker({ sources: [[Class, directory]] }).',
      () => new DirectoryMessageBroker([[Item, 'd']] as never),
    ],
    [
      "KafkaMessageBroker are wrong: expected an object, found [[the class Item, \"t\"]]. Write new KafkaMessageBroker({ brokers: ['localhost:9092'], group: 'name', topics: [[Class, topic]] }).",
      () => new KafkaMessageBroker([[Item, 't']] as never),
    ],
    [
      "RedisMessageBroker are wrong: expected an object, found []. Write new RedisMessageBroker({ entries: [[Class, redisStream('key')]] }).",
      () => new RedisMessageBroker([] as never),
    ],
    [
      'JsonFileMessageBroker are wrong: expected an object, found [the class Item, "b.json"]. Write all entries in one array: new JsonFileMessageBroker([[Class, path], [Class, path]]).',
      () => new JsonFileMessageBroker([Item, 'a.json'] as never, [Item, 'b.json'] as never),
    ],
    [
      'MemoryMessageBroker are wrong: expected an object, found [[the class Other, []]]. Write all entries in one array: new MemoryMessageBroker([[Class, elements], [Class, elements]]).',
      () => new MemoryMessageBroker([[Item, []]], [[Other, []]] as never),
    ],
    [
      "BatchStream are wrong: expected an object, found []. Write new BatchStream({ sources: { name: source }, directory: 'state' }).",
      () => new BatchStream([] as never),
    ],
  ])('as the whole argument: %s', async (sentence, make) => {
    expect(((await errorOf(make)) as Error).message).toBe(`The options of ${sentence}`);
  });
});

describe('a decorator without parentheses', () => {
  class Meter {
    measure(): void {}
  }
  const place = [Meter.prototype, 'measure', Object.getOwnPropertyDescriptor(Meter.prototype, 'measure')] as const;

  it.each<[string, (...given: any[]) => unknown, readonly unknown[]]>([
    ['@Process()', Process as never, place],
    ['@AtEnd()', AtEnd as never, place],
    ['@Unmatched()', Unmatched as never, place],
    ['@Inject()', Inject as never, [Meter.prototype, 'measure', 0]],
  ])('is refused: %s', (name, decorator, given) => {
    expect(() => decorator(...given)).toThrow(
      expect.objectContaining({
        code: 'WM_PROCESS_DECORATOR',
        message: `${name} on Meter.measure is written without parentheses. Write ${name}.`,
      }),
    );
  });

  it('used as a standard decorator is refused as such', () => {
    expect(() => (AtEnd as any)(place[2], { kind: 'method', name: 'measure' })).toThrow(
      'a decorator of the newer standard',
    );
  });

  it('accepts no options without an effect', () => {
    expect(() => (AtEnd as any)({ emits: [Item] })).toThrow(
      '@AtEnd() takes no options, found { emits: [the class Item] }. Declare the classes that it emits by @Process({ emits: […] }).',
    );
  });
});
