import { promises as fs, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type BatchRequest, type BatchSource, BatchStream, resetStream } from 'watermill/batches';
import { rejection } from '../mill/support/rejection.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { until, VirtualClock } from '../support/virtual-clock.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const temporary = temporaryDirectory();
afterAll(() => temporary.remove());
const folder = temporary.newPath;

/** A source of the numbers up to `there`, at most `most` per batch, which records its requests. */
function numbers(there: number, most = 2) {
  const asked: (readonly [unknown, unknown])[] = [];
  const source = {
    there,
    most,
    read({ after = 0, to }: BatchRequest<number>) {
      asked.push([after, to]);
      const end = to ?? Math.min(this.there, after + this.most);
      return end <= after ? undefined : { data: Array.from({ length: end - after }, (_, i) => after + i), to: end };
    },
  };
  return { source, asked };
}

/** A clock without waits. */
const hurried = {
  now: () => 0,
  setTimer(_: number, callback: () => void) {
    const timer = setImmediate(callback);
    return () => clearImmediate(timer);
  },
};

/** Runs until there is no more data, or it fails. Returns the data of the calls. */
async function drain(
  sources: Record<string, BatchSource<any, any>>,
  directory: string,
  options: object = {},
  call: (batches: any, info: any) => unknown = () => {},
) {
  const calls: unknown[] = [];
  const clock = new VirtualClock();
  const stream = new BatchStream({ sources, directory, catchUp: true, clock, ...options });
  const run = stream.run((batches, info) => {
    calls.push([info.id, JSON.parse(JSON.stringify(batches))]);
    return call(batches, info) as void;
  });
  run.catch(() => {});
  await until(() => ['waiting', 'failed', 'stopped'].includes(stream.status.state));
  await stream.stop();
  await run;
  return { calls, stream };
}

const files = (directory: string, kind: string): string[] => readdirSync(`${directory}/${kind}`).sort();
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describe('a batch stream', () => {
  it('calls with the data of all sources, batch by batch, under increasing ids', async () => {
    const { calls, stream } = await drain({ a: numbers(3).source, b: numbers(1).source }, folder());
    expect(calls).toEqual([
      [1, { a: [0, 1], b: [0] }],
      [2, { a: [2] }],
    ]);
    expect(stream.status).toMatchObject({ state: 'stopped', error: undefined, errors: [], attempts: 0 });
    expect(stream.status.lastCommit).toEqual({ id: 2, at: expect.any(Date) });
  });

  it('reports the offset up to which each source was read', async () => {
    const infos: unknown[] = [];
    await drain({ a: numbers(2).source, b: numbers(0).source }, folder(), {}, (_, info) => void infos.push(info));
    expect(infos).toEqual([{ id: 1, attempt: 1, to: { a: 2 } }]);
  });

  it('makes no call if no source has data', async () => {
    const directory = folder();
    expect((await drain({ a: numbers(0).source }, directory)).calls).toEqual([]);
    expect([files(directory, 'offsets'), files(directory, 'commits')]).toEqual([[], []]);
  });

  it('continues after its last commit', async () => {
    const directory = folder();
    const { source } = numbers(2);
    await drain({ a: source }, directory);
    source.there = 3;
    expect((await drain({ a: source }, directory)).calls).toEqual([[2, { a: [2] }]]);
  });

  it('writes bounds before the call, and after it a commit that is sufficient to continue', async () => {
    const directory = folder();
    await drain({ a: numbers(2).source, b: numbers(0).source }, directory, {}, () => {
      expect(files(directory, 'commits')).toEqual([]);
      expect(json(`${directory}/offsets/1.json`)).toMatchObject({ id: 1, follows: 0, bounds: { a: { to: 2 } } });
    });
    expect(json(`${directory}/commits/1.json`)).toMatchObject({ id: 1, positions: { a: 2 } });
    expect(json(`${directory}/stream.json`)).toEqual({ format: 1, sources: { a: 0, b: 0 } });
    expect(readdirSync(directory).sort()).toEqual(['commits', 'offsets', 'stream.json']);
  });

  it('accepts texts and objects as offsets', async () => {
    const directory = folder();
    const pages: BatchSource<string, { page: string }> = {
      read: ({ after, to }) => {
        const page = after === undefined ? 'a' : after.page === 'a' ? 'b' : undefined;
        return page === undefined ? undefined : { data: page, to: to ?? { page } };
      },
    };
    expect((await drain({ pages }, directory)).calls).toEqual([
      [1, { pages: 'a' }],
      [2, { pages: 'b' }],
    ]);
  });
});

describe('a failed batch', () => {
  const failing = () => {
    throw new Error('disk full');
  };

  it('is repeated by the next run with its id and the same bounds for every source', async () => {
    const directory = folder();
    const [a, b, c] = [numbers(1), numbers(0), numbers(1)];
    const sources = { a: a.source, b: b.source, c: c.source };
    const error = await rejection(drain(sources, directory, {}, failing));
    expect(error.code).toBe('WM_PROCESS_FAILED');
    expect(error.message).toBe('Batch 1 failed: disk full. The next run repeats it with the same bounds.');
    for (const { source } of [a, b, c]) source.there = 2;
    for (const { asked } of [a, b, c]) asked.length = 0;
    const { calls } = await drain(sources, directory);
    expect(calls).toEqual([
      [1, { a: [0], c: [0] }],
      [2, { a: [1], b: [0, 1], c: [1] }],
    ]);
    expect(a.asked[0]).toEqual([0, 1]);
    expect(b.asked[0]).toEqual([0, undefined]);
  });

  it('is retried as often as `retries` allows, each time with new data', async () => {
    const directory = folder();
    const clock = new VirtualClock();
    const attempts: unknown[] = [];
    const stream = new BatchStream({
      sources: { a: numbers(2).source },
      directory,
      clock,
      retries: { max: 2, delayMs: 1_000 },
    });
    const run = stream.run(({ a }, { attempt }) => {
      attempts.push([attempt, a!.length]);
      a!.pop();
      if (attempt < 3) throw new Error(`no ${attempt}`);
      void stream.stop();
    });
    await until(() => stream.status.state === 'retrying');
    expect(stream.status).toMatchObject({ attempts: 1, error: new Error('no 1') });
    await clock.advance(1_000);
    await until(() => attempts.length === 2 && stream.status.state === 'retrying');
    await clock.advance(1_000);
    await run;
    expect(attempts).toEqual([
      [1, 2],
      [2, 2],
      [3, 2],
    ]);
    expect(stream.status).toMatchObject({ error: undefined, errors: [new Error('no 1'), new Error('no 2')] });
  });

  it('fails the run when its retries are exhausted, counted per batch', async () => {
    const clock = hurried;
    const tries: number[] = [];
    const options = { retries: { max: 1 }, clock };
    const error = await rejection(
      drain({ a: numbers(6).source }, folder(), options, (_, { id, attempt }) => {
        tries.push(id);
        if (attempt === 1 || id === 3) throw new Error(`no ${id}`);
      }),
    );
    expect(tries).toEqual([1, 1, 2, 2, 3, 3]);
    expect(error.message).toBe('Batch 3 failed in 2 tries: no 3. The next run repeats it with the same bounds.');
  });

  it('keeps the last ten errors', async () => {
    const clock = hurried;
    const stream = new BatchStream({
      sources: { a: numbers(1).source },
      directory: folder(),
      retries: { max: 14 },
      clock,
    });
    await rejection(
      stream.run((_, { attempt }) => {
        throw attempt;
      }),
    );
    expect(stream.status).toMatchObject({ state: 'failed', error: 15, errors: [6, 7, 8, 9, 10, 11, 12, 13, 14, 15] });
  });

  it('is dropped by `decide anew`, together with its id', async () => {
    const directory = folder();
    const { source, asked } = numbers(1);
    await rejection(drain({ a: source }, directory, {}, failing));
    source.there = 2;
    const { calls } = await drain({ a: source }, directory, { onRestart: 'decide anew' });
    expect(calls).toEqual([[2, { a: [0, 1] }]]);
    expect(asked.every(([, to]) => to === undefined)).toBe(true);
  });
});

/** Pages with texts as offsets, two at a time; one that `forgets` starts over at each request. */
function pages(there: number, forgets = false) {
  const nameOf = (page: number) => `page ${page}`;
  return {
    read({ after, to }: BatchRequest<string>) {
      const [begun, end] = [after, to].map((name) => (name === undefined ? undefined : Number(name.slice(5))));
      const from = forgets ? 0 : (begun ?? 0);
      const last = end ?? Math.min(there, from + 2);
      return last <= from ? undefined : { data: [from, last], to: nameOf(last) };
    },
  };
}

describe('a source that ignores `after` and starts over', () => {
  const sentence = /expected a batch that ends after "page 4", found the first batch again, up to "page 2"/;

  it('is an error if its offsets are texts, also after a restart and a reset of another source', async () => {
    const directory = folder();
    const b = numbers(1).source;
    expect((await drain({ a: pages(4), b }, directory)).calls).toHaveLength(2);
    const error = await rejection(drain({ a: pages(4, true), b }, directory));
    expect(error.code).toBe('WM_SOURCE_PROTOCOL');
    expect(error.message).toMatch(sentence);
    await resetStream(directory, { source: 'b' });
    expect((await rejection(drain({ a: pages(4, true), b }, directory))).message).toMatch(sentence);
    expect((await drain({ a: pages(5), b }, directory)).calls).toEqual([[4, { a: [4, 5], b: [0] }]]);
  });

  it('may do so after a reset', async () => {
    const directory = folder();
    await drain({ a: pages(4) }, directory);
    await resetStream(directory, { source: 'a', to: 'page 0' });
    expect((await drain({ a: pages(2) }, directory)).calls).toEqual([[4, { a: [0, 2] }]]);
    await resetStream(directory, { source: 'a' });
    expect((await drain({ a: pages(4) }, directory)).calls).toHaveLength(2);
    expect((await rejection(drain({ a: pages(4, true) }, directory))).message).toMatch(sentence);
  });
});

describe('a source that breaks its contract', () => {
  it.each<[string, unknown, RegExp]>([
    ['no batch', 5, /expected a batch \{ data, to \}, found 5/],
    ['no JSON', { data: [], to: 1n }, /the bigint 1n/],
    ['nothing new', { data: [], to: 2 }, /expected a batch that ends after 2, found one up to 2/],
  ])('is not retried: %s', async (_, answer, sentence) => {
    const directory = folder();
    await drain({ a: numbers(2).source }, directory);
    let reads = 0;
    const read = () => {
      reads++;
      return answer as never;
    };
    const error = await rejection(drain({ a: { read } }, directory, { retries: { max: 5, delayMs: 0 } }));
    expect(error.code).toBe('WM_SOURCE_PROTOCOL');
    expect(error.message).toMatch(sentence);
    expect(error.message).toContain("The source 'a' broke its protocol");
    expect(reads).toBe(1);
  });

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /expected exactly what follows the beginning up to 1, found nothing/],
    ['more', { data: [0, 1], to: 2 }, /found one up to 2/],
  ])('is an error if a batch must be repeated: %s', async (_, answer, sentence) => {
    const directory = folder();
    await rejection(drain({ a: numbers(1).source }, directory, {}, () => Promise.reject(new Error('no'))));
    expect((await rejection(drain({ a: { read: () => answer as never } }, directory))).message).toMatch(sentence);
  });

  it('is retried if it throws', async () => {
    const { source } = numbers(1);
    let fails = 2;
    const read = (request: BatchRequest<number>) => {
      if (fails-- > 0) throw new Error('no route');
      return source.read(request);
    };
    const clock = hurried;
    const stream = new BatchStream({ sources: { a: { read } }, directory: folder(), retries: { max: 2 }, clock });
    await stream.run(() => void stream.stop());
    expect(stream.status.errors).toHaveLength(2);
    const error = await rejection(drain({ a: { read: () => Promise.reject(new Error('no route')) } }, folder()));
    expect(error.code).toBe('WM_INPUT_FAILED');
    expect(error.message).toBe("The source 'a' failed: no route. The next run continues after the last commit.");
  });
});

describe('the interval', () => {
  async function begins(options: object, lastsMs: readonly number[], most = 2) {
    const clock = new VirtualClock();
    const times: number[] = [];
    const { source } = numbers(most * lastsMs.length, most);
    const stream = new BatchStream({ sources: { a: source }, directory: folder(), clock, ...options });
    const run = stream.run(async () => {
      const call = times.push(clock.now()) - 1;
      if (lastsMs[call]! > 0) await new Promise<void>((resolve) => clock.setTimer(lastsMs[call]!, resolve));
    });
    for (let i = 0; times.length < lastsMs.length && i < 200; i++) {
      await until(() => clock.pending > 0 || times.length === lastsMs.length);
      await clock.advance(50);
    }
    await stream.stop();
    await run;
    return times;
  }

  it('counts from the start of one batch to the start of the next', async () => {
    expect(await begins({ minIntervalMs: 1_000 }, [0, 300, 0])).toEqual([0, 1_000, 2_000]);
  });

  it('continues at the next multiple after a longer batch', async () => {
    expect(await begins({ minIntervalMs: 1_000 }, [1_500, 1_000, 0])).toEqual([0, 2_000, 3_000]);
  });

  it('does not delay a backlog with `catchUp`', async () => {
    expect(await begins({ minIntervalMs: 1_000, catchUp: true }, [0, 0, 0])).toEqual([0, 0, 0]);
  });

  it('is not longer after the clock went back', async () => {
    const waits: number[] = [];
    let now = 5_000_000;
    const clock = {
      now: () => now,
      setTimer(ms: number, callback: () => void) {
        waits.push(ms);
        return hurried.setTimer(ms, callback);
      },
    };
    const sources = { a: numbers(9).source };
    const stream = new BatchStream({ sources, directory: folder(), clock, minIntervalMs: 1_000 });
    await stream.run((_, { id }) => {
      if (id === 1) now = 0;
      else void stream.stop();
    });
    expect(waits).toEqual([1_000]);
  });

  it('is zero by default', async () => {
    expect(await begins({}, [0, 0, 0])).toEqual([0, 0, 0]);
  });
});

describe('stop()', () => {
  it('stops immediately while the stream waits', async () => {
    const clock = new VirtualClock();
    const options = { sources: { a: numbers(2).source }, directory: folder(), clock, minIntervalMs: 60_000 };
    const stream = new BatchStream(options);
    const run = stream.run(() => {});
    await until(() => stream.status.state === 'waiting');
    await stream.stop();
    await run;
    expect(stream.status.state).toBe('stopped');
  });

  it('stops after the call in progress, which is committed', async () => {
    const directory = folder();
    const stream = new BatchStream({ sources: { a: numbers(9).source }, directory });
    let calls = 0;
    await stream.run(async () => {
      void stream.stop();
      await new Promise((resolve) => setImmediate(resolve));
      calls++;
    });
    expect([calls, files(directory, 'commits')]).toEqual([1, ['1.json']]);
  });

  it('is what aborting the signal does', async () => {
    const controller = new AbortController();
    const stream = new BatchStream({
      sources: { a: numbers(9).source },
      directory: folder(),
      signal: controller.signal,
    });
    let calls = 0;
    await stream.run(() => {
      calls++;
      controller.abort();
    });
    expect(calls).toBe(1);
  });

  it('before run() prevents any work', async () => {
    const stream = new BatchStream({ sources: { a: numbers(9).source }, directory: folder() });
    await stream.stop();
    await stream.run(() => expect(1).toBe(2));
    expect(stream.status.state).toBe('stopped');
  });

  it('does not hide a failure', async () => {
    const stream = new BatchStream({ sources: { a: numbers(9).source }, directory: folder(), retries: { max: 9 } });
    const run = stream.run(() => {
      void stream.stop();
      throw new Error('no');
    });
    expect((await rejection(run)).message).toContain('Batch 1 failed: no.');
  });
});

describe('the directory', () => {
  it('has one owner', async () => {
    const directory = folder();
    const other = () => new BatchStream({ sources: { a: numbers(1).source }, directory }).run(() => {});
    await drain({ a: numbers(1).source }, directory, {}, async () => {
      const error = await rejection(other());
      expect(error.code).toBe('WM_GROUP_IN_USE');
      expect(error.message).toContain(`The batch stream in ${directory} is in use by`);
      expect((await rejection(resetStream(directory))).code).toBe('WM_GROUP_IN_USE');
    });
  });

  it('keeps no batch that is done', async () => {
    const data: WeakRef<object>[] = [];
    const source: BatchSource<object, number> = {
      read({ after = 0, to = after + 1 }) {
        const batch = { data: {}, to };
        data.push(new WeakRef(batch.data));
        return batch;
      },
    };
    const stream = new BatchStream({ sources: { source }, directory: folder(), catchUp: true });
    let left = 0;
    await stream.run(async (_, { id }) => {
      if (id < 20) return;
      // What a WeakRef has returned, or was made of, lives to the end of the turn.
      await new Promise(setImmediate);
      collectGarbage();
      left = data.filter((ref) => ref.deref() !== undefined).length;
      void stream.stop();
    });
    expect(left).toBeLessThan(5);
  });

  it('that cannot be cleaned up is named', async () => {
    const unlink = jest.spyOn(fs, 'unlink').mockImplementation(async (file) => {
      if (/\d\.json$/.test(String(file))) throw Object.assign(new Error('EACCES: no'), { code: 'EACCES' });
      rmSync(file as string, { force: true });
    });
    const directory = folder();
    const error = await rejection(drain({ a: numbers(10).source }, directory, { keep: 1 }));
    unlink.mockRestore();
    expect(error.code).toBe('WM_OUTPUT_FAILED');
    expect(error.message).toContain(`cannot keep its progress in ${directory}: EACCES: no.`);
  });

  it('keeps a limited number of records', async () => {
    const directory = folder();
    await drain({ a: numbers(10).source }, directory, { keep: 2 });
    expect([files(directory, 'offsets'), files(directory, 'commits')]).toEqual([
      ['4.json', '5.json'],
      ['4.json', '5.json'],
    ]);
    const more = numbers(12).source;
    expect((await drain({ a: more }, directory, { keep: 1 })).calls).toEqual([[6, { a: [10, 11] }]]);
    expect(files(directory, 'commits')).toEqual(['6.json']);
  });

  it.each<[string, (directory: string) => string]>([
    ['a commit that is no JSON', (directory) => put(`${directory}/commits/2.json`, '{')],
    ['a commit that is another', (directory) => put(`${directory}/commits/2.json`, '{"id":1,"positions":{}}')],
    ['bounds that are none', (directory) => put(`${directory}/offsets/3.json`, '{"id":3,"follows":2,"bounds":[1]}')],
    ['bounds of no source', (directory) => put(`${directory}/offsets/3.json`, '{"id":3,"follows":2,"bounds":{}}')],
    [
      'bounds that follow an earlier commit',
      (directory) => put(`${directory}/offsets/3.json`, '{"id":3,"follows":1,"bounds":{"a":{"after":4,"to":6}}}'),
    ],
    [
      'bounds that follow a later commit',
      (directory) => put(`${directory}/offsets/4.json`, '{"id":4,"follows":3,"bounds":{"a":{"after":4,"to":6}}}'),
    ],
    ['a foreign name', (directory) => put(`${directory}/offsets/x.txt`, '')],
    ['a stream.json of another format', (directory) => put(`${directory}/stream.json`, '{"format":2}')],
    ['no stream.json', (directory) => removed(`${directory}/stream.json`)],
  ])('is refused with %s, naming the path', async (_, damage) => {
    const directory = folder();
    await drain({ a: numbers(4).source }, directory);
    const file = damage(directory);
    const error = await rejection(drain({ a: numbers(9).source }, directory, { retries: { max: 3, delayMs: 0 } }));
    expect(error.code).toBe('WM_PROGRESS_DAMAGED');
    expect(error.message).toContain(`damaged at ${file}: expected`);
  });

  it('may have gaps and the remains of an interrupted write', async () => {
    const directory = folder();
    await drain({ a: numbers(6).source }, directory);
    rmSync(`${directory}/commits/2.json`);
    put(`${directory}/commits/4.json.new`, '{"id"');
    expect((await drain({ a: numbers(7).source }, directory)).calls).toEqual([[4, { a: [6] }]]);
    expect(files(directory, 'commits')).not.toContain('4.json.new');
  });

  it('must be a directory', async () => {
    const directory = folder();
    put(directory, '');
    expect((await rejection(drain({ a: numbers(1).source }, directory))).code).toBe('WM_OUTPUT_FAILED');
  });
});

describe('changed sources', () => {
  it('are refused unless the options allow it', async () => {
    const directory = folder();
    const [a, b] = [numbers(2).source, numbers(1).source];
    await drain({ a, b }, directory);
    const added = await rejection(drain({ a, b, c: b }, directory));
    expect(added.code).toBe('WM_PLAN_CHANGED');
    expect(added.message).toContain(
      "has no source c; it was given a, b, c. Give the sources that it had, or say what the change means: `added: 'from the beginning'`",
    );
    const removed = await rejection(drain({ a }, directory));
    expect(removed.message).toContain('has a source b as well; it was given a.');
    expect((await drain({ b, a }, directory)).calls).toEqual([]);
    expect((await drain({ a, b, c: b }, directory, { added: 'from the beginning' })).calls).toEqual([[2, { c: [0] }]]);
    expect((await drain({ a, b }, directory, { removed: 'forget' })).calls).toEqual([]);
  });

  it('start over if they were forgotten', async () => {
    const directory = folder();
    const [a, b] = [numbers(2).source, numbers(1).source];
    await drain({ a, b }, directory);
    await drain({ a }, directory, { removed: 'forget' });
    expect((await drain({ a, b }, directory, { added: 'from the beginning' })).calls).toEqual([[2, { b: [0] }]]);
  });

  it('cannot repeat a batch with data of a removed source', async () => {
    const directory = folder();
    const [a, b] = [numbers(2).source, numbers(1).source];
    await rejection(drain({ a, b }, directory, {}, () => Promise.reject(new Error('no'))));
    const error = await rejection(drain({ a }, directory, { removed: 'forget' }));
    expect(error.code).toBe('WM_PLAN_CHANGED');
    expect(error.message).toContain('Batch 1 in');
    expect((await drain({ a }, directory, { removed: 'forget', onRestart: 'decide anew' })).calls).toEqual([
      [2, { a: [0, 1] }],
    ]);
  });
});

describe('resetStream', () => {
  it('starts over with new ids', async () => {
    const directory = folder();
    await drain({ a: numbers(2).source, b: numbers(1).source }, directory);
    await resetStream(directory);
    const { calls } = await drain({ a: numbers(2).source, b: numbers(1).source }, directory);
    expect(calls).toEqual([[3, { a: [0, 1], b: [0] }]]);
  });

  it('resets one source to its beginning, or to an offset', async () => {
    const directory = folder();
    const sources = { a: numbers(4).source, b: numbers(1).source };
    await drain(sources, directory);
    await resetStream(directory, { source: 'b' });
    expect((await drain(sources, directory)).calls).toEqual([[4, { b: [0] }]]);
    await resetStream(directory, { source: 'a', to: 3 });
    expect((await drain(sources, directory)).calls).toEqual([[6, { a: [3] }]]);
  });

  it('leaves a source that starts over at its beginning', async () => {
    const directory = folder();
    const [a, b] = [numbers(4).source, numbers(2).source];
    await drain({ a, b }, directory);
    const fails = () => Promise.reject(new Error('no'));
    await drain({ a }, directory, { removed: 'forget' });
    await rejection(drain({ a, b }, directory, { added: 'from the beginning' }, fails));
    await resetStream(directory, { source: 'a', to: 3 });
    expect((await drain({ a, b }, directory)).calls[0]).toEqual([5, { a: [3], b: [0, 1] }]);
  });

  it('drops a batch that was begun', async () => {
    const directory = folder();
    const sources = { a: numbers(2).source };
    await rejection(drain(sources, directory, {}, () => Promise.reject(new Error('no'))));
    await resetStream(directory);
    expect((await drain(sources, directory)).calls).toEqual([[3, { a: [0, 1] }]]);
  });

  it.each<[object, string]>([
    [{ source: 'x' }, 'expected one of a, found "x"'],
    [{ to: 3 }, 'expected a `source` with it'],
    [{ source: 'a', to: 3n }, 'an offset that is JSON'],
  ])('refuses %j', async (options, sentence) => {
    const directory = folder();
    await drain({ a: numbers(1).source }, directory);
    expect((await rejection(resetStream(directory, options as never))).message).toContain(sentence);
  });
});

describe('the options', () => {
  const good = { sources: { a: numbers(1).source }, directory: 'x' };

  it.each<[string, object, string]>([
    ['no sources', { ...good, sources: {} }, 'at least one source'],
    ['a source that is none', { ...good, sources: { a: [] } }, 'a batch source { read }'],
    ['a list of sources', { ...good, sources: [numbers(1).source] }, 'an object { name: source }'],
    ['no directory', { sources: good.sources }, 'the path of a folder'],
    ['an unknown one', { ...good, interval: 5 }, 'BatchStream has no option "interval". Did you mean minIntervalMs?'],
    ['an interval', { ...good, minIntervalMs: -1 }, 'a whole number of milliseconds'],
    ['retries', { ...good, retries: 3 }, '{ max, delayMs }'],
    [
      'retries with a wrong name',
      { ...good, retries: { max: 3, delay: 5 } },
      'no option "delay". Did you mean delayMs?',
    ],
    ['keep', { ...good, keep: 0 }, 'at least 1'],
    ['onRestart', { ...good, onRestart: 'anew' }, "'repeat' or 'decide anew'"],
    ['added', { ...good, added: true }, "'from the beginning'"],
    ['removed', { ...good, removed: true }, "'forget'"],
    ['catchUp', { ...good, catchUp: 1 }, 'true or false'],
    ['signal', { ...good, signal: {} }, 'an AbortSignal'],
    ['clock', { ...good, clock: {} }, 'a clock'],
    ['a clock that tells no time', { ...good, clock: { setTimer() {} } }, 'a clock { now, setTimer }'],
  ])('are checked: %s', (_, options, sentence) => {
    expect(() => new BatchStream(options as never)).toThrow(sentence);
  });

  it('allow only one run', async () => {
    const stream = new BatchStream({ sources: { a: numbers(1).source }, directory: folder() });
    await stream.run(() => void stream.stop());
    expect((await rejection(stream.run(() => {}))).code).toBe('WM_RUN_TWICE');
  });
});

function put(file: string, text: string): string {
  mkdirSync(file.slice(0, file.lastIndexOf('/')), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function removed(file: string): string {
  rmSync(file);
  return file;
}
