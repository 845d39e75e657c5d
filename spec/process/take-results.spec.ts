import { Field, Message } from 'watermill';
import { EndOfStream } from '../../lib/messages/end-of-stream.js';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { processFunction } from '../../lib/mill/process/process-function.js';
import { resultTaker } from '../../lib/mill/process/take-results.js';
import { brokerOf, Item, Location, Note, Speed } from '../plan/model.js';
import { refusal } from '../support/refusal.js';

const speed = new Speed();
const note = new Note();
const end = new EndOfStream();

const broker = brokerOf([[Item, 'items.json']], { writesAnyClass: true });

function takerOf(...emits: (new () => object)[]) {
  return resultTaker(makePlan({ process: processFunction(Item, { emits }, () => undefined), broker }).process);
}

/** Returns the elements that a sink gets for a returned value, and whether the stream ended. */
async function taken(returned: unknown, take = takerOf(Speed, Note)) {
  const results: [number, object][] = [];
  const ended = await take(returned, { emit: (output, element) => results.push([output, element]) });
  return { results, ended };
}

const both = [
  [0, speed],
  [1, note],
];

describe('results', () => {
  it.each<[string, () => unknown, unknown[], boolean]>([
    ['nothing', () => undefined, [], false],
    ['null', () => null, [], false],
    ['an element', () => speed, [[0, speed]], false],
    ['an array with gaps', () => [speed, null, note, undefined], both, false],
    ['an empty array', () => [], [], false],
    ['a promise of an element', async () => speed, [[0, speed]], false],
    ['a promise of an array', async () => [speed, note], both, false],
    ['a promise of nothing', async () => {}, [], false],
    ['the end', () => end, [], true],
    ['a promise of the end', async () => end, [], true],
    ['an array with the end', () => [speed, end], [[0, speed]], true],
    ['a generator', () => yielding(speed, null, note), both, false],
    ['a generator of nothing', () => yielding(), [], false],
    ['a generator that ends the stream', () => yielding(speed, end, note), [[0, speed]], true],
    ['what a generator returns', () => returning(note), both, false],
    ['the end that a generator returns', () => returning(end), [[0, speed]], true],
    ['an async generator', () => yieldingLater(speed, null, note), both, false],
    ['an async generator that ends the stream', () => yieldingLater(speed, end, note), [[0, speed]], true],
    ['a set', () => new Set([speed, note]), both, false],
    ['an iterator that is not iterable', () => bare(speed, note), both, false],
  ])('are taken from %s', async (_, make, results, ended) => {
    expect(await taken(make())).toEqual({ results, ended });
  });

  it('are returned without a promise if the process returned none', () => {
    const take = takerOf(Speed);
    const sink = { emit: () => {} };
    for (const returned of [undefined, speed, [speed], yielding(speed), end]) {
      expect(typeof take(returned, sink)).toBe('boolean');
    }
    expect(take(Promise.resolve(), sink)).toBeInstanceOf(Promise);
  });

  it('are written as the nearest emitted class', async () => {
    class Faster extends Speed {}
    class Fastest extends Faster {}
    const fastest = new Fastest();
    expect((await taken([fastest, fastest, speed])).results).toEqual([
      [0, fastest],
      [0, fastest],
      [0, speed],
    ]);
    expect((await taken([fastest, speed], takerOf(Speed, Faster))).results).toEqual([
      [1, fastest],
      [0, speed],
    ]);
  });

  it('are refused if a class with its own @Message only extends an emitted one', async () => {
    @Message()
    class Measured extends Speed {
      @Field() by!: string;
    }
    class MoreMeasured extends Measured {}
    for (const each of [new Measured(), new MoreMeasured()]) {
      await expect(taken([speed, each], takerOf(Speed))).rejects.toMatchObject({
        code: 'WM_RESULT',
        message: expect.stringContaining(`It emits Speed: add ${each.constructor.name} to emits`),
      });
    }
    const measured = new Measured();
    expect((await taken([measured], takerOf(Speed, Measured))).results).toEqual([[1, measured]]);
  });

  it('close a generator that ended the stream, or yielded an invalid result', async () => {
    const log: string[] = [];
    function* open(value: unknown): Generator<unknown> {
      try {
        yield value;
        yield speed;
      } finally {
        log.push('closed');
      }
    }
    async function* openLater(value: unknown): AsyncGenerator<unknown> {
      yield* open(value);
    }
    await taken(open(end));
    await taken(openLater(end));
    await expect(taken(open(5))).rejects.toThrow('returned the number 5');
    await expect(taken(openLater(5))).rejects.toThrow('returned the number 5');
    expect(log).toEqual(['closed', 'closed', 'closed', 'closed']);
  });

  it('throw the error of the generator or the promise', async () => {
    function* failing(): Generator<unknown> {
      yield speed;
      throw new Error('broken');
    }
    const emitted: object[] = [];
    expect(() => takerOf(Speed)(failing(), { emit: (_, element) => emitted.push(element) })).toThrow('broken');
    expect(emitted).toEqual([speed]);
    await expect(taken(Promise.reject(new Error('later')))).rejects.toThrow('later');
  });

  it.each<[string, unknown, string]>([
    ['a plain object', { speed: 1 }, 'a plain object. Make an element of it: message(Speed, { … }).'],
    ['a string', 'fast', 'the string "fast". A result is an element of a message class, or nothing.'],
    ['a function', () => {}, 'a function. A result is an element of a message class, or nothing.'],
    ['a class', Speed, 'the class Speed. Make an element of it: message(Speed, { … }).'],
    ['the class EndOfStream', EndOfStream, 'the class EndOfStream. Return an instance of it: new EndOfStream().'],
    ['a nested array', [[speed]], 'an array. Results are not nested: flatten the array, or in a generator use yield*.'],
    [
      'an undeclared class',
      new Location(),
      'an instance of Location. It emits Speed and Note: add Location to emits, processFunction(source, { emits: [Speed, Note, Location] }, …).',
    ],
    [
      'elements after the end',
      [end, speed],
      'an array with 1 more after EndOfStream, which would be lost. Let EndOfStream be its last element.',
    ],
  ])('refuse %s', (_, returned, sentence) => {
    expect(refusal(() => takerOf(Speed, Note)(returned, { emit: () => {} }))).toEqual({
      code: 'WM_RESULT',
      message: `the process function returned ${sentence}`,
    });
  });
});

function* yielding(...values: unknown[]): Generator<unknown> {
  yield* values;
}

function* returning(value: unknown): Generator<unknown> {
  yield speed;
  return value;
}

async function* yieldingLater(...values: unknown[]): AsyncGenerator<unknown> {
  yield* values;
}

function bare(...values: unknown[]) {
  return { next: () => ({ done: values.length === 0, value: values.shift() }) };
}
