import { writeFileSync } from 'node:fs';
import { Transform } from 'class-transformer';
import {
  alias,
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  WaterMill,
  type WaterMillError,
} from 'watermill';
import { rejection } from '../../mill/support/rejection.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';

@Message()
class Row {
  @Field() n!: number;
}

@Message()
class Inner {
  @Field() a!: number;
}

@Message()
class Fieldless {}

@Message({ codec: 'class-transformer' })
class Converted {
  @Transform(({ value }) => {
    if (value < 0) throw new Error('below 0');
    return value;
  })
  @Field()
  a!: number;
}

@Message()
class Result {
  @Field() n!: number;
  @Field() text!: string;
  @Field(() => Date, { optional: true }) at?: Date;
  @Field(() => [Inner], { optional: true }) list?: Inner[];
  @Field(() => Object, { optional: true }) free?: unknown;
  @Field(() => BigInt, { optional: true, iso: 'us' }) us?: bigint;
  @Field(() => Converted, { optional: true }) converted?: Converted;
  @Field({ optional: true }) fieldless?: Fieldless;
}

const directory = temporaryDirectory();
afterAll(() => directory.remove());

/** Returns the error of writing a result to a broker, or undefined. */
async function written(init: object, broker: any, more = {}): Promise<WaterMillError | undefined> {
  const process = processFunction(Row, { emits: [Result], ...more }, () => Object.assign(new Result(), init));
  return new WaterMill({ process, broker })
    .run()
    .then(() => undefined)
    .catch((error) => error);
}

const good = { n: 1, text: 'a' };

describe('a result that a file refuses', () => {
  it.each<[string, object, string?]>([
    ['NaN', { ...good, n: Number.NaN }],
    ['a number in a text field', { ...good, text: 5 }],
    ['a missing field', { n: 1 }],
    ['null', { ...good, text: null }],
    ['null in an optional field', { ...good, at: null }],
    ['an invalid Date', { ...good, at: new Date(Number.NaN) }],
    ['a bad element in a list', { ...good, list: [Object.assign(new Inner(), { a: '1' })] }],
    ['free JSON that is none', { ...good, free: { at: new Date(0) } }],
    ['free JSON with a hole', { ...good, free: { a: [undefined] } }],
    ['a list that is none', { ...good, list: { 0: 1 } }],
    ['an element in a list that is null', { ...good, list: [null] }],
    ['a time that ISO 8601 cannot say', { ...good, us: 10n ** 30n }],
    ['one that class-transformer does not convert', { ...good, converted: Object.assign(new Converted(), { a: -1 }) }],
    ['an element without fields, with members', { ...good, fieldless: { a: 1 } }, 'WM_PROCESS_FAILED'],
  ])('is refused in memory with the same words: %s', async (_, init, code = 'WM_BAD_RESULT') => {
    writeFileSync(directory.file('row.json'), '[{"n":1}]');
    const files = new JsonFileMessageBroker([
      [Row, directory.file('row.json')],
      [Result, directory.file('result.json')],
    ]);
    const [memory, file] = [
      await written(init, new MemoryMessageBroker([[Row, [{ n: 1 }]]])),
      await written(init, files),
    ];
    expect(memory?.code).toBe(code);
    const shown = (error: WaterMillError | undefined) => error?.message.replace(/position 0 of \S+/, 'position 0 of …');
    expect(shown(memory)).toBe(shown(file)?.replace(/ Position 0 is .*/, ''));
  });

  it('is not one that a file takes: with everything nested, free JSON and null', async () => {
    const init = {
      n: -0,
      text: '',
      at: new Date(0),
      list: [message(Inner, { a: 1 }), message(Inner, { a: 2 })],
      free: { a: [1, { b: null, c: undefined }], d: Object.create(null) },
      us: 10n,
      converted: message(Converted, { a: 1 }),
    };
    const broker = new MemoryMessageBroker([[Row, [{ n: 1 }]]]);
    expect(await written(init, broker)).toBeUndefined();
    expect(broker.written(Result)).toEqual([init]);
  });

  it('is skipped in memory as `onError` says, and what came before it stays', async () => {
    const broker = new MemoryMessageBroker([[Row, [1, 2, 3].map((n) => ({ n }))]]);
    const process = processFunction(Row, { emits: [Row2], onError: 'skip' }, ({ n }) =>
      message(Row2, { n: n === 2 ? Number.NaN : n }),
    );
    expect(await new WaterMill({ process, broker }).run()).toMatchObject({ failedCalls: 1 });
    expect(broker.written(Row2).map(({ n }) => n)).toEqual([1, 3]);
  });

  it('is taken where a serializer would make something else of it', async () => {
    const serializer = ({ n }: Result) => ({ n, text: 'a' });
    const broker = new MemoryMessageBroker([
      [Row, [{ n: 1 }]],
      [Result, undefined, { serializer }],
    ]);
    expect(await written({ n: 1 }, broker)).toBeUndefined();
    expect(broker.written(Result)).toEqual([{ n: 1 }]);
  });
});

@Message()
class Row2 extends alias(Row, 'Row2') {}

@Message()
class Row3 extends alias(Row, 'Row3') {}

describe('two mills at once on one MemoryMessageBroker', () => {
  const copyTo = (to: any, from: any = Row): any =>
    processFunction(from, { emits: to === undefined ? [] : [to] }, ({ n }: any) =>
      to === undefined ? undefined : message(to, { n }),
    );

  it('with one result class: the second is refused, and says who writes it; the first is not disturbed', async () => {
    const broker = new MemoryMessageBroker([[Row], [Row3, []]]);
    const first = new WaterMill({ process: copyTo(Row2), broker }).run();
    for (const from of [Row, Row3]) {
      const error = await rejection(new WaterMill({ process: copyTo(Row2, from), broker }).run());
      expect(error).toMatchObject({ code: 'WM_OUTPUT_IN_USE', details: { message: 'Row2' } });
      expect(error.message).toBe(
        'Row2 is being written to this MemoryMessageBroker by the mill that reads Row and writes Row2, so the mill that reads ' +
          `${from.name} and writes Row2 cannot write it too: the results of both would be mixed. Wait until that one has ended, or give this one ` +
          'a result class, or a broker, of its own.',
      );
    }
    broker.push(Row, { n: 1 }, { n: 2 });
    broker.end(Row);
    await first;
    expect(broker.written(Row2).map(({ n }) => n)).toEqual([1, 2]);
    await new WaterMill({ process: copyTo(Row2, Row3), broker }).run();
  });

  it('with one progress: the second is refused', async () => {
    const broker = new MemoryMessageBroker([[Row]]);
    const first = new WaterMill({ process: copyTo(undefined), broker }).run();
    const error = await rejection(new WaterMill({ process: copyTo(undefined), broker }).run());
    expect(error.code).toBe('WM_GROUP_IN_USE');
    expect(error.message).toMatch('Two runs of the mill that reads Row and writes nothing are in progress');
    broker.end(Row);
    await first;
  });

  it('with other result classes run side by side, also on one stream', async () => {
    const broker = new MemoryMessageBroker([[Row]]);
    const runs = [Row2, Row3].map((to) => new WaterMill({ process: copyTo(to), broker }).run());
    broker.push(Row, { n: 1 });
    broker.end(Row);
    await Promise.all(runs);
    expect([broker.written(Row2), broker.written(Row3)]).toEqual([[{ n: 1 }], [{ n: 1 }]]);
  });

  it('one after the other: as soon as the first has stopped or failed', async () => {
    const broker = new MemoryMessageBroker([[Row]]);
    const stopped = new WaterMill({ process: copyTo(Row2), broker });
    const run = stopped.run();
    await stopped.stop();
    await run;
    broker.push(Row, { n: 1 });
    const fails = processFunction(Row, { emits: [Row2] }, () => {
      throw new Error('no');
    });
    await rejection(new WaterMill({ process: fails, broker }).run());
    broker.end(Row);
    await new WaterMill({ process: copyTo(Row2), broker }).run();
    expect(broker.written(Row2).map(({ n }) => n)).toEqual([1]);
  });

  it('one after the other: also if the iterator of the first throws whenever it is closed', async () => {
    let n = 0;
    const next = () => ({ value: { n: n++ }, done: false });
    const values = {
      [Symbol.iterator]: () => ({
        next,
        return() {
          throw new Error('not now');
        },
      }),
    };
    const broker = new MemoryMessageBroker([[Row, values as Iterable<Row>]]);
    const runs = [1, 2].map(() => {
      const mill: WaterMill = new WaterMill({
        process: processFunction(Row, { emits: [Row2] }, (row) => {
          void mill.stop();
          return message(Row2, row);
        }),
        broker,
      });
      return mill;
    });
    for (const mill of runs) {
      expect(await rejection(mill.run())).toMatchObject({ code: 'WM_BROKER_FAILED' });
    }
    expect(broker.written(Row2)).toHaveLength(2);
  });

  it('that lead from brokers of their own read a third one at once, and leave no progress there', async () => {
    const shared = new MemoryMessageBroker([[Row3, [{ n: 1 }]]]);
    const tree = joinStreams(Row, joinWith(Row3, { left: field(Row, 'n'), right: field(Row3, 'n') }));
    const process = processFunction(tree, { emits: [Row2] }, ({ n }) => message(Row2, { n }));
    const own = [1, 2].map(() => new MemoryMessageBroker([[Row]]));
    const runs = own.map((broker) => new WaterMill({ process, broker: [broker, shared] }).run());
    for (const broker of own) broker.push(Row, { n: 1 });
    for (const broker of own) broker.end(Row);
    await Promise.all(runs);
    expect(own.map((broker) => broker.written(Row2))).toEqual([[{ n: 1 }], [{ n: 1 }]]);
    const alone = await new WaterMill({ process: copyTo(undefined, Row3), broker: shared }).run();
    expect(alone).toMatchObject({ calls: 1 });
  });

  it('do not hinder `why`, which reads beside a run', async () => {
    const broker = new MemoryMessageBroker([[Row, [{ n: 1 }]]]);
    const mill = new WaterMill({ process: copyTo(undefined), broker });
    const [why] = await Promise.all([mill.why(Row, 0), mill.run()]);
    expect(String(why)).toMatch('call');
  });
});
