import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  alias,
  BadMessage,
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  WaterMill,
  workerModule,
  workerProcess,
} from 'watermill';
import { range } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

@Message()
class Photo {
  @Field() id!: number;
  @Field() size!: number;
  @Field(() => Date, { optional: true }) taken?: Date;
}

@Message()
class Other {
  @Field() id!: number;
  @Field() size!: number;
}

@Message()
class Label {
  @Field() id!: number;
  @Field() text!: string;
}

const place = (name: string): string => path.join(__dirname, 'modules', name);
const photos = (...sizes: number[]): Photo[] => sizes.map((size, id) => message(Photo, { id, size }));

async function run(sizes: readonly number[], more: object = {}, module: any = place('label.mjs')) {
  const broker = new MemoryMessageBroker([[Photo, photos(...sizes)]]);
  const process = workerProcess(Photo, { module, threads: 2, emits: [Label], ...more });
  const report = await new WaterMill({ process, broker }).run();
  return { labels: broker.written(Label).map(({ id, text }) => `${id} ${text}`), broker, report };
}

describe('workerProcess', () => {
  it('calls a module in threads, several calls at once, in order', async () => {
    const { labels } = await run(
      range(8).map(() => 10),
      {},
      pathToFileURL(place('label.mjs')),
    );
    expect(labels).toEqual(range(8).map((id) => `${id} thread true`));
  });

  it('has elements of their classes in the thread, and results of theirs outside', async () => {
    const module = workerModule<{ default: (photo: Photo) => Label }>(place('label.mjs'));
    const broker = new MemoryMessageBroker([[Photo, [message(Photo, { id: 0, size: 20, taken: new Date(5) })]]]);
    const process = workerProcess(Photo, { module, threads: 1, emits: [Label] });
    const mill = new WaterMill({ process, broker });
    expect(mill.explain()).toContain('worker threads, up to 1: ');
    await mill.run();
    expect(broker.written(Label)).toEqual([{ id: 0, text: 'true true 1970-01-01T00:00:00.005Z' }]);
    expect(broker.written(Label)[0]).toBeInstanceOf(Label);
  });

  it('supports no result, arrays, CommonJS generators over groups, and the end of the stream', async () => {
    expect((await run([5, 7, 20])).labels).toEqual(['0 one', '0 two', '2 true true undefined']);
    const { labels, report } = await run([6, 10, 10]);
    expect({ labels, ended: report.ended }).toEqual({ labels: ['0 last'], ended: 'process' });
    const tree = joinStreams(Photo, joinWith(Other, { left: field(Photo, 'id'), right: field(Other, 'id') }));
    const broker = new MemoryMessageBroker([
      [Photo, photos(1, 1)],
      [Other, [0, 0, 1].map((id, size) => message(Other, { id, size }))],
    ]);
    const process = workerProcess(tree, { module: place('generator.cjs'), threads: 1, emits: [Label] });
    await new WaterMill({ process, broker }).run();
    expect(broker.written(Label).map(({ id, text }) => `${id} ${text}`)).toEqual(['0 of 0', '1 of 0', '2 of 1']);
  });

  it('passes objects with the same fields if the module does not load the classes', async () => {
    const broker = new MemoryMessageBroker([[Photo, [message(Photo, { id: 3, size: 1, taken: new Date(7) })]]]);
    const process = workerProcess(Photo, { module: place('no-classes.mjs'), threads: 1, emits: [Label] });
    const error = await rejection(new WaterMill({ process, broker }).run());
    // It returned a plain object: { id: 3, text: '7' }.
    expect(error.code).toBe('WM_RESULT');
    expect(error.message).toMatch('a plain object. Make an element of it: message(Label, { … })');
  });
});

// In a process of its own, over the built package: under jest nobody is told of threads.
it('has threads during a run only, whatever ended it, or one of them', () => {
  const out = execFileSync(
    process.execPath,
    ['--no-warnings', '--max-old-space-size=80', path.join(__dirname, 'ways-out.mjs')],
    {
      encoding: 'utf8',
    },
  );
  expect(out.trim().split('\n')).toEqual([
    'never runs: no thread, 0 left',
    'ends the stream: threads, 0 left',
    'is stopped: threads, 0 left',
    'fails WM_PROCESS_FAILED: threads, 0 left',
    'cannot connect WM_BROKER_FAILED: threads, 0 left',
    'runs out of memory WM_PROCESS_FAILED: threads, 0 left',
    expect.stringMatching(
      /^warns: workerProcess: an error of .*label\.mjs was not handled between its calls: not awaited\. The thread is replaced\./,
    ),
    'fails between calls: threads, 0 left',
  ]);
});

describe('the results of a worker', () => {
  @Message()
  class Album {
    @Field() id!: number;
    @Field({ optional: true }) note?: string = 'none';
    @Field(() => [Photo], { optional: true }) photos?: Photo[];
    @Field(() => Object, { optional: true }) free?: object;
  }

  @Message()
  class List {
    @Field() id!: number;
  }

  @Message()
  class NextPhoto extends alias(Photo, 'NextPhoto') {}

  /** Loads another class of a name that is known from a field. */
  function loadOtherPhoto(): void {
    @Message({ name: 'Photo' })
    class PhotoOfPage {
      @Field() url!: string;
    }
    void PhotoOfPage;
  }

  async function take(sizes: readonly number[], more: object = {}, of: typeof Photo = Photo) {
    const broker = new MemoryMessageBroker([
      [of, sizes.map((size, id) => message(of, { id, size, taken: new Date(id) }))],
    ]);
    const process = workerProcess(of, { module: place('results.mjs'), threads: 1, emits: [Album, List], ...more });
    const report = await new WaterMill({ process, broker }).run();
    return { albums: broker.written(Album).map(({ id }) => id), broker, report };
  }

  it('are those of generators, iterators and elements, as in the thread of the mill', async () => {
    loadOtherPhoto();
    const { broker, albums, report } = await take([0, 3, 4, 5, 6, 7, 1]);
    expect(albums).toEqual([0, 100, 3, 4, 3, 4, 5, 6]);
    expect(broker.written(List)).toEqual([message(List, { id: 1 })]);
    expect(broker.written(Album).slice(4)).toEqual([
      message(Album, { id: 3, photos: [message(Photo, { id: 3, size: 1, taken: new Date(3) })] }),
      message(Album, { id: 4, note: undefined }),
      message(Album, { id: 5 }),
      message(Album, { id: 6 }),
    ]);
    expect(broker.written(Album)[4]?.photos?.[0]).toBeInstanceOf(Photo);
    expect(report.ended).toBe('process');
    expect((await take([2])).report.ended).toBe('process');
  });

  it('are made of instances of an alias with its own @Message', async () => {
    const { broker } = await take([8], {}, NextPhoto);
    expect(broker.written(Album)).toMatchObject([{ note: 'true true' }]);
  });

  it.each([
    [9, 'an array with 1 more after EndOfStream, which would be lost. Let EndOfStream be its last element.'],
    [10, 'an instance of Promise. Await it: of an array of promises return Promise.all(…)'],
    [
      11,
      'an instance of Unknown. It emits Album and List: add Unknown to emits, workerProcess(source, { emits: [Album, List, Unknown] }).',
    ],
    [12, 'an instance of Photo. Photo is read here, and its stream cannot be written as well.'],
    [13, 'a function. A result is an element of a message class, or nothing.'],
    [14, 'a broken iterator: its next() returned 7, expected { value, done }.'],
  ])('are refused if they are none, whatever onError says: %p', async (size, sentence) => {
    const error = await rejection(take([size], { onError: 'skip' }));
    expect(error).toMatchObject({ code: 'WM_RESULT', details: { position: 0 } });
    expect(error.message).toContain(`results.mjs returned ${sentence}`);
  });

  it('may contain only what can be sent', async () => {
    const error = await rejection(take([15]));
    expect(error).toMatchObject({ code: 'WM_PROCESS_FAILED' });
    expect(error.message).toMatch('a result of Album has the function found in it, which cannot be sent to the mill');
  });
});

describe('a worker that fails', () => {
  it('throws the error of its function', async () => {
    const error = await rejection(run([20, 1, 20]));
    expect(error).toMatchObject({ code: 'WM_PROCESS_FAILED', details: { position: 1 } });
    expect(error.message).toMatch('label.mjs failed on Photo at position 1 of Photo: bad photo 1.');
    expect((error.cause as Error).name).toBe('TypeError');
    expect((await rejection(run([9]))).message).toMatch('failed on Photo at position 0');
  });

  it('throws it with its code, its cause and its parts', async () => {
    const { message, cause } = await rejection(run([11]));
    expect(message).toMatch(/failed on Photo at position 0 of Photo: all failed \(one; a function\)\./);
    expect(cause).toMatchObject({ name: 'AggregateError', code: 'E_ALL', errors: [{ message: 'one' }, {}] });
    expect((cause as Error).stack).toContain('label.mjs');
    expect((cause as Error).cause).toMatchObject({ name: 'Refusal', message: 'no', cause: { message: 'because' } });
  });

  it('is skipped, or written as a letter, as onError says', async () => {
    const { labels, report } = await run([20, 1, 2, 20], { onError: 'skip' });
    expect({ labels: labels.length, failed: report.failedCalls }).toEqual({ labels: 2, failed: 2 });
    const { broker } = await run([1], { onError: { deadLetter: BadMessage } });
    expect(broker.written(BadMessage)).toMatchObject([{ position: 0, error: 'bad photo 0' }]);
  });

  it.each([
    [2, 'ended with code 7 in the middle of a call. The module must not call process.exit().'],
    [15, 'ended with code -1 in the middle of a call. The module must not call process.exit().'],
    [16, 'threw null or undefined in the middle of a call, outside of it. Await every promise in the module'],
  ])('reports that its thread ended: %p', async (size, sentence) => {
    const { cause } = await rejection(run([size]));
    expect(cause).toMatchObject({ code: 'WM_WORKER' });
    expect((cause as Error).message).toContain(`label.mjs ${sentence}`);
  });

  it('reports an invalid result', async () => {
    expect((await rejection(run([3]))).message).toMatch('label.mjs returned an instance of Unknown. It emits Label');
    expect((await rejection(run([4]))).code).toBe('WM_RESULT');
    expect((await rejection(run([12]))).message).toMatch(
      'a broken iterator: its next() returned {}, expected { value, done }',
    );
  });

  it.each([
    ['no-default.mjs', 'cannot be loaded in a worker thread: it has no default export that is a function.'],
    ['throws.mjs', 'cannot start'],
    ['missing.mjs', 'Cannot find module'],
  ])('reports that %s cannot be loaded, before anything is read', async (name, sentence) => {
    const error = await rejection(run([20], {}, place(name)));
    expect(error.code).toBe('WM_WORKER');
    expect(error.message).toMatch(sentence);
    expect(error.message).toMatch('Give the path or the URL of a JavaScript file that exists when the mill runs');
  });

  it('fails the run, whatever onError says, if a later thread cannot load the module', async () => {
    const directory = temporaryDirectory();
    const mark = JSON.stringify(directory.file('mark'));
    writeFileSync(
      directory.file('first.mjs'),
      `import { existsSync, writeFileSync } from 'node:fs';
      if (existsSync(${mark})) throw new Error('too many connections');
      writeFileSync(${mark}, '');
      export default ({ size }) => { if (size === 2) process.exit(); };`,
    );
    const skipping = { onError: 'skip', threads: 1 };
    const error = await rejection(run([20, 2, 20, 20], skipping, directory.file('first.mjs')));
    expect(error).toMatchObject({ code: 'WM_WORKER', details: { position: 2 } });
    expect(error.message).toMatch(
      /first\.mjs cannot be loaded in a worker thread: too many connections\. .* That was the call for Photo at position 2 of Photo\.$/,
    );
    directory.remove();
  });

  it.each([
    ['module', { module: 5 }, 'module: expected a URL or a path, found 5'],
    ['threads', { threads: 0 }, 'threads: expected a whole number, at least 1, found 0'],
    ['an injection', { inject: [] }, 'nothing is injected into a thread'],
    ['an unknown option', { thread: 1 }, 'workerProcess has no option "thread". Did you mean threads?'],
  ])('refuses %s', (_, options, sentence) => {
    expect(() => workerProcess(Photo, { module: 'x', ...options } as never)).toThrow(sentence);
  });
});
