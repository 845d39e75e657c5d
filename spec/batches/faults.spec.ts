import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type BatchRequest, BatchStream, resetStream } from 'watermill/batches';
import { rejection } from '../mill/support/rejection.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

const temporary = temporaryDirectory();
afterAll(() => temporary.remove());
const folder = temporary.newPath;
const later = () => new Promise((resolve) => setImmediate(resolve));

/** The numbers from 1 to 4, one per batch. */
const numbers = {
  read({ after = 0, to }: BatchRequest<number>) {
    const end = to ?? Math.min(after + 1, 4);
    return end === after ? undefined : { data: end, to: end };
  },
};

/** A clock without waits. */
const hurried = {
  now: () => 0,
  setTimer(_: number, callback: () => void) {
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  },
};

const streamOf = (read: unknown, directory = folder()) =>
  new BatchStream({ sources: { numbers: { read } as typeof numbers }, directory, catchUp: true });

describe('stop() that is awaited within code that the run awaits resolves when it is accepted:', () => {
  it.each([
    ['a call', 0],
    ['a call, after an await', 1],
  ])('%s', async (_, waits) => {
    const stream = streamOf(numbers.read);
    await stream.run(async () => {
      for (let i = 0; i < waits; i++) await later();
      await stream.stop();
    });
    expect(stream.status).toMatchObject({ state: 'stopped', lastCommit: { id: 1 } });
  });

  it('a source', async () => {
    const stream: BatchStream<{ numbers: number }> = streamOf(async () => {
      await later();
      await stream.stop();
    });
    await stream.run(() => {});
    expect(stream.status.state).toBe('stopped');
  });

  it('but not elsewhere: there it waits for the call', async () => {
    const stream = streamOf(numbers.read);
    let isDone = false;
    const run = stream.run(async () => {
      for (let i = 0; i < 20; i++) await later();
      isDone = true;
    });
    while (stream.status.state !== 'working') await later();
    await stream.stop();
    expect(isDone).toBe(true);
    await run;
  });
});

it('throwing undefined is one failure', async () => {
  const stream = streamOf(numbers.read);
  const error = await rejection(
    stream.run(() => {
      throw undefined;
    }),
  );
  expect(error.message).toContain('Batch 1 failed: undefined.');
  expect(stream.status.errors).toHaveLength(1);
  expect(stream.status.error).toBe(stream.status.errors[0]);
});

it('retries may be infinite', async () => {
  let tries = 0;
  const stream = new BatchStream({
    sources: { numbers },
    directory: folder(),
    retries: { max: Number.POSITIVE_INFINITY, delayMs: 0 },
  });
  await stream.run(() => {
    if (++tries < 30) throw new Error('not yet');
    void stream.stop();
  });
  expect([tries, stream.status.lastCommit?.id]).toEqual([30, 1]);
});

describe('a source that waits for data, while another one fails,', () => {
  const waits = ({ signal }: BatchRequest<number>) =>
    new Promise<undefined>((resolve) => signal.addEventListener('abort', () => resolve(undefined)));
  const fails = () => Promise.reject(new Error('away'));
  const never = () => new Promise<undefined>(() => {});
  const streamOfTwo = (first: unknown, second: unknown, retries: object = {}) =>
    new BatchStream({
      sources: { first: { read: first } as typeof numbers, second: { read: second } as typeof numbers },
      directory: folder(),
      ...retries,
    });

  it.each([
    ['stops waiting by its signal', waits],
    ['is not awaited if it ignores that', never],
  ])('%s', async (_, read) => {
    const error = await rejection(streamOfTwo(read, fails).run(() => {}));
    expect(error).toMatchObject({ code: 'WM_INPUT_FAILED', details: { message: 'second', found: 'away' } });
  });

  it('stops waiting also if it will be read again', async () => {
    const stream = streamOfTwo(waits, fails, { retries: { max: 1, delayMs: 0 } });
    await rejection(stream.run(() => {}));
    expect(stream.status.errors).toHaveLength(2);
  });

  it('does not fail a stream that is stopped before it would be read again', async () => {
    const failsLast = () => {
      setImmediate(() => void stream.stop());
      return fails();
    };
    const stream = streamOfTwo(never, failsLast, { retries: { max: 1, delayMs: 0 } });
    await stream.run(() => {});
    expect(stream.status).toMatchObject({ state: 'stopped', errors: [new Error('away')] });
  });

  it('is read again when it is done, not twice at once', async () => {
    let [attempts, reading, most] = [0, 0, 0];
    const slow = async () => {
      most = Math.max(most, ++reading);
      for (let i = 0; i < 50; i++) await later();
      reading--;
      return { data: 1, to: attempts };
    };
    const failsTwice = async () => {
      if (++attempts < 3) throw new Error('away');
      return { data: 2, to: attempts };
    };
    const stream = streamOfTwo(slow, failsTwice, { retries: { max: 2, delayMs: 0 }, clock: hurried });
    const calls: unknown[] = [];
    await stream.run((batches, { to }) => {
      calls.push([batches, to]);
      void stream.stop();
    });
    expect(calls).toEqual([
      [
        { first: 1, second: 2 },
        { first: 3, second: 3 },
      ],
    ]);
    expect(most).toBe(1);
  });
});

it('a source that is named `call` is named as a source', async () => {
  const read = () => Promise.reject(new Error('away'));
  const stream = new BatchStream({ sources: { call: { read } as unknown as typeof numbers }, directory: folder() });
  expect(await rejection(stream.run(() => {}))).toMatchObject({
    code: 'WM_INPUT_FAILED',
    details: { message: 'call' },
  });
});

describe('a batch that was begun', () => {
  const ids = async (directory: string, options: object, read: unknown = numbers.read) => {
    const seen: number[] = [];
    const stream = new BatchStream({ sources: { numbers: { read } as typeof numbers }, directory, ...options });
    await stream.run((_, { id }) => {
      seen.push(id);
      void stream.stop();
    });
    return seen;
  };
  const begun = async (sources: Record<string, typeof numbers>): Promise<string> => {
    const directory = folder();
    const stream = new BatchStream({ sources, directory });
    await rejection(stream.run(() => Promise.reject(new Error('away'))));
    return directory;
  };

  it('stays dropped by `decide anew` if that run had no data', async () => {
    const directory = await begun({ numbers });
    const signal = AbortSignal.timeout(50);
    expect(await ids(directory, { onRestart: 'decide anew', signal }, () => undefined)).toEqual([]);
    expect(await ids(directory, {})).toEqual([2]);
  });

  it('and needs a removed source: the run is refused, and changes nothing', async () => {
    const directory = await begun({ numbers, others: numbers });
    const before = readFileSync(`${directory}/stream.json`, 'utf8');
    const error = await rejection(ids(directory, { removed: 'forget' }));
    expect(error.message).toContain("holds data of the source 'others', which was not given");
    expect(readFileSync(`${directory}/stream.json`, 'utf8')).toBe(before);
  });
});

it('attempts count from the first failure of a source on, until there is no data or a commit', async () => {
  let reads = 0;
  const attempts: number[] = [];
  const read = (): undefined => {
    attempts.push(stream.status.attempts);
    if (++reads <= 2) throw new Error('away');
    if (reads === 5) void stream.stop();
    return undefined;
  };
  const stream: BatchStream<{ numbers: unknown }> = new BatchStream({
    sources: { numbers: { read } },
    directory: folder(),
    minIntervalMs: 1,
    retries: { max: 2, delayMs: 0 },
  });
  await stream.run(() => {});
  expect(attempts).toEqual([0, 2, 3, 0, 0]);
});

it('a source that ignores the signal is not awaited when the stream is stopped', async () => {
  const stream = streamOf(() => new Promise(() => {}));
  const run = stream.run(() => {});
  while (stream.status.state !== 'reading') await later();
  await stream.stop();
  await run;
});

it('a value that is not a function is refused before anything is read', async () => {
  const directory = folder();
  const error = await rejection(streamOf(numbers.read, directory).run(undefined as never));
  expect(error).toMatchObject({ code: 'WM_BROKER_OPTIONS' });
  expect(error.message).toContain('expected a function (batches, info), found undefined');
  expect(existsSync(directory)).toBe(false);
});

it('an offset is copied, so that its source and the call may change it', async () => {
  const place = { row: 0 };
  const asked: unknown[] = [];
  const stream = streamOf(({ after }: { after?: { row: number } }) => {
    asked.push({ ...after });
    if (after !== undefined) after.row = -1;
    return { data: ++place.row, to: place };
  });
  await stream.run((_, { id, to }) => {
    (to.numbers as { row: number }).row = -1;
    if (id === 3) void stream.stop();
  });
  expect(asked).toEqual([{}, { row: 1 }, { row: 2 }]);
});

it('a batch is the same if its offset has its members in another order', async () => {
  const directory = folder();
  await rejection(
    streamOf(() => ({ data: 1, to: { a: 1, b: 2 } }), directory).run(() => {
      throw new Error('away');
    }),
  );
  const stream = streamOf(() => ({ data: 1, to: { b: 2, a: 1 } }), directory);
  await stream.run(() => void stream.stop());
  expect(stream.status.lastCommit?.id).toBe(1);
});

it.each([
  ['stream.json', '{"format":1,"sources":{"numbers":"x"}}'],
  ['stream.json', '{"format":1,"sources":{"numbers":-1}}'],
  ['offsets/2.json', '{"id":2,"follows":1,"bounds":{},"at":"2026-01-01T00:00:00.000Z"}'],
])('a damaged %s is an error: %s', async (file, text) => {
  const directory = folder();
  const stream = streamOf(numbers.read, directory);
  await stream.run(() => void stream.stop());
  writeFileSync(`${directory}/${file}`, text);
  const error = await rejection(streamOf(numbers.read, directory).run(() => {}));
  expect(error).toMatchObject({ code: 'WM_PROGRESS_DAMAGED' });
  expect(error.message).toContain(file);
});

describe('resetStream() refuses', () => {
  const refusals: readonly [string, unknown, string][] = [
    ['an option that it does not have: it would reset all', { sourc: 'numbers' }, 'no option "sourc"'],
    ['no options', null, 'expected an object, found null'],
    ['an offset without a source', { to: 1 }, 'expected a `source` with it, found 1.'],
    ['what is no JSON', { source: 'numbers', to: Number.NaN }, 'It is the number NaN, which JSON cannot hold.'],
  ];
  it.each(refusals)('%s', async (_, options, sentence) => {
    const directory = folder();
    const stream = streamOf(numbers.read, directory);
    await stream.run(() => void stream.stop());
    const error = await rejection(resetStream(directory, options as never));
    expect(error.code).toBe('WM_BROKER_OPTIONS');
    expect(error.message).toContain(sentence);
  });

  it('a directory without a stream, and does not create one', async () => {
    const directory = folder();
    const error = await rejection(resetStream(directory));
    expect(error).toMatchObject({ code: 'WM_BROKER_OPTIONS' });
    expect(error.message).toContain(directory);
    expect(existsSync(directory)).toBe(false);
  });
});
