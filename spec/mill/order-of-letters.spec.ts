import {
  BadMessage,
  Field,
  field,
  hoppingWindow,
  joinStreams,
  joinWith,
  Message,
  message,
  processFunction,
  sessionWindow,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { cases, firstSeed, repeatBy, stride } from '../support/cases.js';
import { Random } from '../support/random.js';
import { ScriptedBroker, ScriptedStream } from './support/scripted-broker.js';

/** Every input defines its fate: whether it is read or bad, and the time for which the call fails. */
@Message()
class Hit {
  @Field() t!: number;
}

@Message()
class Note {
  @Field() t!: number;
}

@Message()
class Mark {
  @Field() t!: number;
}

@Message()
class Seen {
  @Field() t!: number;
}

const bad = { t: 'bad' };
const values = (text: string): unknown[] => text.split(' ').map((each) => (each === 'x' ? bad : { t: Number(each) }));

const hits = values('x 0 1 x 1 2 x x 3 3 5 x 6 7 9 x 9 10 12 x');
const notes = values('0 x 1 2 x 3 x 3 4 x 5 6 x 7 8 9 x 10 11 x 12 13 x 14');
const marks = values('x x 0 1 3 x 3 5 6 x 9 9 x 10 x 12 20 x');

const failsAt = (t: number): boolean => t % 3 === 0;
const onError = { deadLetter: BadMessage };
const call = (t: number): Seen => {
  if (failsAt(t)) throw new Error('no');
  return message(Seen, { t });
};
const equal = { left: field(Hit, 't'), right: field(Note, 't') };
const settings = { emits: [Seen], onError } as const;

const oneStream = {
  'a stream': processFunction(Hit, settings, ({ t }) => call(t)),
  'several calls at once': processFunction(Hit, { ...settings, concurrency: 3 }, async ({ t }) => call(t)),
  'tumbling windows': processFunction(tumblingWindow(Hit, field(Hit, 't'), { size: 2 }), settings, ([first]) =>
    call(first!.t),
  ),
  'windows by value': processFunction(
    hoppingWindow(Hit, field(Hit, 't'), { size: 4, every: 2, by: ({ t }) => t % 2 }),
    settings,
    ([first]) => call(first!.t),
  ),
  sessions: processFunction(sessionWindow(Hit, field(Hit, 't'), { gap: 1 }), settings, ([first]) => call(first!.t)),
};

const twoStreams = {
  'an inner join': processFunction(joinStreams(Hit, joinWith(Note, equal)), settings, ({ t }) => call(t)),
  'a left join': processFunction(joinStreams(Hit, joinWith(Note, { ...equal, kind: 'left' })), settings, ({ t }) =>
    call(t),
  ),
  'a semi join': processFunction(joinStreams(Hit, joinWith(Note, { ...equal, kind: 'semi' })), settings, ({ t }) =>
    call(t),
  ),
  'an interval': processFunction(joinStreams(Hit, joinWith(Note, { ...equal, within: [-1, 1] })), settings, ({ t }) =>
    call(t),
  ),
  'as of': processFunction(
    joinStreams(Hit, joinWith(Note, { ...equal, asOf: 'nearest', tolerance: 2 })),
    settings,
    ({ t }) => call(t),
  ),
  'a full join': processFunction(
    joinStreams(Hit, joinWith(Note, { ...equal, kind: 'left' })),
    { ...settings, unmatched: [[Note, ({ t }) => call(t)]] },
    ({ t }) => call(t),
  ),
  'windows over a join': processFunction(
    joinStreams(tumblingWindow(Hit, field(Hit, 't'), { size: 4 }), joinWith(Note, equal)),
    settings,
    ([first]) => call(first!.t),
  ),
};

const threeStreams = {
  'two children': processFunction(
    joinStreams(Hit, joinWith(Note, equal), joinWith(Mark, { left: field(Hit, 't'), right: field(Mark, 't') })),
    settings,
    ({ t }) => call(t),
  ),
  'a chain': processFunction(
    joinStreams(
      Hit,
      joinWith(joinStreams(Note, joinWith(Mark, { left: field(Note, 't'), right: field(Mark, 't') })), equal),
    ),
    settings,
    ({ t }) => call(t),
  ),
};

type Streams = readonly (readonly [typeof Hit, unknown[]])[];
type AnyProcess = ConstructorParameters<typeof WaterMill>[0]['process'];

const streamsOf = (count: number): Streams =>
  (
    [
      [Hit, hits],
      [Note, notes],
      [Mark, marks],
    ] as const
  ).slice(0, count);

function millOver(broker: ScriptedBroker, process: AnyProcess, streams: Streams, more = {}): WaterMill {
  const inputs = streams.map(([message]) => [message, { onBadMessage: { deadLetter: BadMessage } }]);
  return new WaterMill({ process, broker, inputs, commitEvery: { elements: 1 }, ...more } as never);
}

/** Returns the origins of the dead letters, in the order in which they were written; `call 3` for a call. */
const lettersIn = (broker: ScriptedBroker): string[] =>
  broker
    .written(BadMessage)
    .map(
      ({ stream, position, error }) =>
        `${error.includes('no') && !error.includes('cannot') ? 'call' : stream} ${position}`,
    );

async function letters(process: AnyProcess, streams: Streams, script = {}): Promise<string[]> {
  const broker = new ScriptedBroker(streams, script);
  await millOver(broker, process, streams).run();
  return lettersIn(broker);
}

/** Values arrive one by one, from random streams. */
async function lettersInTurns(process: AnyProcess, streams: Streams, random: Random): Promise<string[]> {
  const live = streams.map(([message, all]) => ({ message, all: [...all], stream: new ScriptedStream([], true) }));
  const broker = new ScriptedBroker(
    live.map(({ message, stream }) => [message, stream]),
    { batchSize: 1 + random.int(4) },
  );
  const run = millOver(broker, process, streams).run();
  const fast = random.int(live.length);
  while (live.some(({ stream }) => !stream.isEnded)) {
    const { all, stream } = random.chance(0.5) ? live[fast]! : random.pick(live);
    stream.push(...all.splice(0, 1 + random.int(3)));
    if (all.length === 0 && !stream.isEnded) stream.end();
    for (let turns = random.int(3); turns > 0; turns--) await new Promise(setImmediate);
  }
  await run;
  return lettersIn(broker);
}

async function expectSameInAllSchedules(
  process: AnyProcess,
  streams: Streams,
  view: (all: string[]) => unknown = (all) => all,
): Promise<void> {
  const expected = view(await letters(process, streams, { batchSize: 1_000 }));
  for (const isAsync of [false, true]) {
    for (let batchSize = 1; batchSize < 6; batchSize++) {
      const found = await letters(process, streams, { batchSize, isAsync });
      expect({ batchSize, isAsync, letters: view(found) }).toEqual({ batchSize, isAsync, letters: expected });
    }
  }
  for (let seed = firstSeed(); seed < firstSeed() + cases(10); seed++) {
    const found = view(await lettersInTurns(process, streams, new Random(seed)));
    expect({ repeatBy: repeatBy(seed), letters: found }).toEqual({ repeatBy: repeatBy(seed), letters: expected });
  }
}

/** Stops after every few calls of the broker, and continues. */
async function expectSameAfterCrashes(process: AnyProcess, streams: Streams): Promise<void> {
  const expected = await letters(process, streams, { batchSize: 1_000 });
  for (let at = 1, isOver = false; !isOver; at += stride(5)) {
    const broker = new ScriptedBroker(streams, { batchSize: 1 + (at % 3) });
    let calls = 0;
    broker.onCall = () => {
      if (++calls === at) throw new Error('crash');
    };
    isOver = await millOver(broker, process, streams)
      .run()
      .then(
        () => true,
        () => false,
      );
    broker.onCall = () => {};
    await millOver(broker, process, streams).run();
    expect({ at, letters: lettersIn(broker) }).toEqual({ at, letters: expected });
  }
}

describe('letters of bad messages and of calls, in one class', () => {
  it('stand in the order of the stream', async () => {
    expect(await letters(oneStream['a stream'], streamsOf(1), { batchSize: 4 })).toEqual(
      [
        'stream-0 0',
        'call 1',
        'stream-0 3',
        'stream-0 6',
        'stream-0 7',
        'call 8',
        'call 9',
        'stream-0 11',
        'call 12',
      ].concat(['call 14', 'stream-0 15', 'call 16', 'call 18', 'stream-0 19']),
    );
  });

  it('a bad message comes before the first call that needs what is behind it', async () => {
    const streams = [
      [Hit, values('0 3 6')],
      [Note, values('0 x 3 3 x 6 x 7')],
    ] as const;
    expect(await letters(twoStreams['an inner join'], streams as never)).toEqual([
      'stream-1 1',
      'call 0',
      'stream-1 4',
      'call 1',
      'stream-1 6',
      'call 2',
    ]);
  });

  it.each(Object.entries(oneStream))('%s: do not depend on batches, or on when they come', async (_, process) => {
    await expectSameInAllSchedules(process as never, streamsOf(1));
  });

  it.each(Object.entries(twoStreams))(
    '%s: do not depend on batches, or on which stream is faster',
    async (_, process) => {
      await expectSameInAllSchedules(process as never, streamsOf(2));
    },
  );

  it.each(Object.entries(threeStreams))('%s: those of each stream stand among those of calls', async (_, process) => {
    const perStream = (all: string[]) =>
      [0, 1, 2].map((stream) => all.filter((each) => each.startsWith('call') || each.startsWith(`stream-${stream}`)));
    await expectSameInAllSchedules(process as never, streamsOf(3), perStream);
  });

  it.each([
    ...Object.entries(oneStream).map((each) => [...each, 1] as const),
    ...Object.entries(twoStreams).map((each) => [...each, 2] as const),
  ])('%s: are the same after a crash at any call of the broker', async (_, process, count) => {
    await expectSameAfterCrashes(process as never, streamsOf(count));
  });
});

it('the letter of a bad message does not wait for what comes behind it', async () => {
  const stream = new ScriptedStream(values('0 x'), true);
  const broker = new ScriptedBroker([[Hit, stream]]);
  const mill = millOver(broker, processFunction(Hit, {}, () => {}) as never, streamsOf(1));
  const run = mill.run();
  for (let turns = 0; lettersIn(broker).length === 0 && turns < 1_000; turns++) await new Promise(setImmediate);
  expect(lettersIn(broker)).toEqual(['stream-0 1']);
  stream.end();
  await run;
});
