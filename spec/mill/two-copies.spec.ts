import { readFileSync, writeFileSync } from 'node:fs';
import * as one from 'watermill';
import { endServed, serve } from '../service/serve.js';
import { temporaryDirectory } from '../support/temporary-directory.js';

type Package = typeof one;

/** Loads another copy of the package, like `jest.resetModules()`, a linked folder or a nested dependency. */
function anotherCopy(version?: string): Package & { KafkaMessageBroker: any } {
  let copy: any;
  jest.isolateModules(() => {
    const fs = jest.requireActual('node:fs');
    if (version !== undefined) {
      const read = (file: string, ...rest: unknown[]): unknown =>
        String(file).endsWith('package.json')
          ? `{"name":"watermill","version":"${version}"}`
          : fs.readFileSync(file, ...rest);
      jest.doMock('node:fs', () => ({ ...fs, readFileSync: read }));
    }
    copy = { ...require('watermill'), ...require('watermill/kafka') };
    jest.dontMock('node:fs');
  });
  return copy;
}

const two = anotherCopy();
const nothing = (): void => {};

/** Returns the same classes, declared with the decorators of one copy. */
function classesOf({ Message, Field }: Package) {
  @Message()
  class Left {
    @Field({ optional: true }) t?: number;
  }
  @Message()
  class Right {
    @Field() t!: number;
  }
  return { Left, Right };
}

it('two copies are independent', () => {
  expect(two.WaterMill).not.toBe(one.WaterMill);
  expect(two.joinStreams).not.toBe(one.joinStreams);
});

describe.each([
  ['the other copy', two, one],
  ['this copy', one, two],
])('a mill and a %s of the other copy', (_, given, mills) => {
  const { Left, Right } = classesOf(given);
  const message = given.message;
  const tree = () =>
    given.joinStreams(
      Left,
      given.joinWith(Right, { left: given.field(Left, 't' as never), right: given.field(Right, 't').plus(0) } as never),
    );
  const lefts = () => [message(Left, { t: 1 }), message(Left, { t: 2 })];
  const rights = () => [message(Right, { t: 1 }), message(Right, { t: 1 })];

  it('an EndOfStream in a stream ends it', async () => {
    const calls: unknown[] = [];
    const broker = new mills.MemoryMessageBroker([[Left, [{ t: 1 }, new given.EndOfStream(), { t: 2 }] as never]]);
    const process = mills.processFunction(Left, {}, ({ t }) => void calls.push(t));
    const report = await new mills.WaterMill({ process, broker }).run();
    expect(calls).toEqual([1]);
    expect(report.ended).toBe('master ended');
  });

  it('an EndOfStream that a process returns ends the mill', async () => {
    const broker = new given.MemoryMessageBroker([[Left, lefts()]]);
    const process = given.processFunction(Left, { emits: [Right] }, () => [
      message(Right, { t: 5 }),
      new given.EndOfStream(),
    ]);
    const report = await new mills.WaterMill({ process, broker } as never).run();
    expect(report).toMatchObject({ ended: 'process', calls: 1 });
    expect(broker.written(Right)).toEqual([{ t: 5 }]);
  });

  it('a bad message of a broker is recognized', async () => {
    const folder = temporaryDirectory();
    try {
      writeFileSync(folder.file('in.ndjson'), '{"t":1}\nno json\n{"t":2}\n');
      const broker = new given.JsonFileMessageBroker([
        [Left, folder.file('in.ndjson')],
        [given.BadMessage, folder.file('bad.ndjson')],
      ]);
      const calls: unknown[] = [];
      const process = mills.processFunction(Left, {}, ({ t }) => void calls.push(t));
      const report = await new mills.WaterMill({
        process,
        broker,
        inputs: [[Left, { onBadMessage: { deadLetter: given.BadMessage } }]],
      } as never).run();
      expect(calls).toEqual([1, 2]);
      expect(report.nodes).toMatchObject([{ bad: 1 }]);
      expect(readFileSync(folder.file('bad.ndjson'), 'utf8')).toContain('no json');
    } finally {
      folder.remove();
    }
  });

  it('the BadMessage of one copy is that of the other, in an entry, as the dead letter and when results are read', async () => {
    const broker = new given.MemoryMessageBroker([[Left, [{ t: 'one' }] as never], [mills.BadMessage]]);
    const process = mills.processFunction(Left, {}, nothing);
    await new mills.WaterMill({
      process,
      broker,
      inputs: [[Left, { onBadMessage: { deadLetter: given.BadMessage } }]],
    } as never).run();
    for (const { BadMessage } of [given, mills]) {
      expect(broker.written(BadMessage)).toEqual([expect.objectContaining({ raw: '{"t":"one"}' })]);
    }
  });

  it('a tree, expressions and a processFunction are accepted', async () => {
    const seen: unknown[] = [];
    const process = given.processFunction(tree() as never, {}, ((left: object, found: one.Joined<object, object>) => {
      seen.push([left, found.of(left).length, found instanceof given.Joined, found instanceof mills.Joined]);
    }) as never);
    const broker = new given.MemoryMessageBroker([
      [Left, lefts()],
      [Right, rights()],
    ]);
    await new mills.WaterMill({ process, broker } as never).run();
    expect(seen).toEqual([[{ t: 1 }, 2, true, true]]);
  });

  it('a window with WindowBounds, a DataKey and an Origin are passed', async () => {
    const windows = given.tumblingWindow(Left, given.field(Left, 't' as never) as never, { size: 10 } as never);
    const seen: unknown[] = [];
    const process = given.processFunction(
      windows as never,
      { inject: [given.WindowBounds, given.DataKey, given.Origin] } as never,
      ((_: unknown, bounds: one.WindowBounds<number>, key: one.DataKey, origin: one.Origin) => {
        seen.push([bounds.start, bounds.end, origin.position]);
        expect(key).toBeInstanceOf(given.DataKey);
        expect(mill.saveResults(key)).toBe(true);
      }) as never,
    );
    const broker = new given.MemoryMessageBroker([[Left, lefts()]]);
    const mill = new mills.WaterMill({ process, broker } as never);
    await mill.run();
    expect(seen).toEqual([[0, 10, 0]]);
  });

  it('a class with decorators and metadata is a process', async () => {
    const { Joined, Inject, Origin } = given;
    const anyProcess: any = given.Process;
    const seen: unknown[] = [];
    class Matcher {
      @anyProcess(tree())
      match(left: InstanceType<typeof Left>, found: one.Joined<any, any>, @Inject(Origin) origin: one.Origin): void {
        seen.push([found.of(left).length, origin.position]);
      }
    }
    // As the compiler emits it if the program imports the other copy.
    Reflect.defineMetadata('design:paramtypes', [Left, Joined, Object], Matcher.prototype, 'match');
    const broker = new mills.MemoryMessageBroker([
      [Left, lefts()],
      [Right, rights()],
    ]);
    await new mills.WaterMill({ process: Matcher, broker } as never).run();
    expect(seen).toEqual([[2, 0]]);
  });

  it('an alias is a node', async () => {
    const Next = given.alias(Left, 'Next');
    const joined = mills.joinStreams(
      Left,
      mills.joinWith(Next, { left: mills.field(Left, 't' as never), right: mills.field(Next, 't' as never) } as never),
    );
    const process = mills.processFunction(joined as never, {} as never, nothing as never);
    const broker = new mills.MemoryMessageBroker([
      [Left, lefts()],
      [Next, lefts()],
    ] as never);
    const report = await new mills.WaterMill({ process, broker } as never).run();
    expect(report.nodes).toMatchObject([{ matched: 2 }, { matched: 2 }]);
  });

  it('a timer is a source', async () => {
    const sources = [[Right, given.every(1, () => message(Right, { t: 1 }))]] as const;
    const broker = new mills.CustomMessageBroker({ sources });
    const mill = new mills.WaterMill({ process: mills.processFunction(Right, {}, () => void mill.stop()), broker });
    expect(await mill.run()).toMatchObject({ calls: 1, ended: 'stopped' });
  });

  it('an error is a WaterMillError of both', async () => {
    const process = mills.processFunction(Left, {}, () => {
      throw new Error('no');
    });
    const broker = new given.MemoryMessageBroker([[Left, lefts()]]);
    const error = await new mills.WaterMill({ process, broker }).run().catch((thrown) => thrown);
    expect(error).toBeInstanceOf(one.WaterMillError);
    expect(error).toBeInstanceOf(two.WaterMillError);
  });

  it('a broker for results is used', async () => {
    const outputBroker = new given.MemoryMessageBroker([]);
    const broker = new mills.MemoryMessageBroker([[Left, lefts()]]);
    const process = mills.processFunction(Left, { emits: [Right] }, ({ t }) =>
      mills.message(Right, { t: t as number }),
    );
    await new mills.WaterMill({ process, broker, outputBroker }).run();
    expect(outputBroker.written(Right)).toEqual([{ t: 1 }, { t: 2 }]);
    expect(outputBroker.ended(Right)).toBe(true);
  });
});

it('runService of one copy shows the tables of a mill of the other one', async () => {
  const { Right } = classesOf(two);
  class Latest extends two.table(Right, { key: two.field(Right, 't') }) {}
  const broker = new two.MemoryMessageBroker([[Right]]);
  const process = two.processFunction(Right, { inject: [Latest] }, (right, latest) => latest.put(right));
  const mill = new two.WaterMill({ process, broker, commitEvery: { elements: 1 } });
  const served = serve(mill, { tables: [Latest] });
  await broker.push(Right, { t: 5 });
  await served.until(async () => (await served.get('/tables/Latest/5')).ok);
  await endServed();
  expect(await served.ended).toBe(0);
});

describe('a copy of another version', () => {
  const other = anotherCopy('9.8.7');
  const { Left, Right } = classesOf(other);
  const broker = () => new one.MemoryMessageBroker([[Left, [message()]]]);
  const message = () => one.message(Left, { t: 1 });
  const refused = (what: RegExp) =>
    expect.objectContaining({
      code: 'WM_OTHER_VERSION',
      message: expect.stringMatching(
        new RegExp(
          `${what.source}.* comes from watermill 9\\.8\\.7 in /.*, but this is watermill \\d+\\.\\d+\\.\\d+ in /`,
        ),
      ),
    });

  it.each<[string, RegExp, () => object]>([
    ['a processFunction', /^process/, () => ({ process: other.processFunction(Left, {}, nothing), broker: broker() })],
    [
      'a tree',
      /^joinTree/,
      () => ({
        process: one.processFunction(Left, {}, nothing),
        joinTree: other.joinStreams(
          Left,
          other.joinWith(Right, { left: other.field(Left, 't' as never), right: other.field(Right, 't') } as never),
        ),
        broker: broker(),
      }),
    ],
    [
      'a token',
      /what it injects or emits/,
      () => ({
        process: one.processFunction(
          {
            ...one.joinStreams(
              Left,
              one.joinWith(Right, { left: one.field(Left, 't' as never), right: one.field(Right, 't') } as never),
            ),
          } as never,
          { inject: [other.DataKey] } as never,
          nothing as never,
        ),
        broker: broker(),
      }),
    ],
    [
      'a window',
      /^stream/,
      () => ({
        process: one.processFunction(Left, {}, nothing),
        stream: other.countWindow(Left, { size: 2 }),
        broker: broker(),
      }),
    ],
    [
      'a broker',
      /^broker/,
      () => ({ process: one.processFunction(Left, {}, nothing), broker: new other.MemoryMessageBroker([[Left, []]]) }),
    ],
    [
      'a broker for results',
      /^outputBroker/,
      () => ({
        process: one.processFunction(Left, {}, nothing),
        broker: broker(),
        outputBroker: new other.MemoryMessageBroker([]),
      }),
    ],
  ])('is refused when the mill is created: %s', (_, what, options) => {
    expect(() => new one.WaterMill(options() as never)).toThrow(refused(what));
  });

  it('is refused in the metadata of a class', () => {
    class Matcher {
      match(): void {}
    }
    const process: any = one.Process;
    Reflect.defineMetadata('design:paramtypes', [Left, other.Joined], Matcher.prototype, 'match');
    process(Left)(Matcher.prototype, 'match', Object.getOwnPropertyDescriptor(Matcher.prototype, 'match'));
    expect(() => new one.WaterMill({ process: Matcher, broker: broker() })).toThrow(refused(/the type of a parameter/));
  });

  it('is refused if its expression or tree becomes part of one of this version', () => {
    const left = one.field(Left, 't' as never);
    const right = other.field(Right, 't') as never;
    expect(() => one.joinWith(Right, { left, right } as never)).toThrow(refused(/the right key/));
  });

  it('has no table for a process of this version', () => {
    class Latest extends other.table(Right, { key: other.field(Right, 't') }) {}
    const process = one.processFunction(Left, { inject: [Latest] }, nothing);
    expect(() => new one.WaterMill({ process, broker: broker() })).toThrow(refused(/what it injects or emits/));
  });

  it('has no timer for a broker of this version', () => {
    const sources = [[Left, other.every(10, message)]] as never;
    expect(() => new one.CustomMessageBroker({ sources })).toThrow(refused(/^The source of Left/));
  });

  it('has an EndOfStream that is not a message', async () => {
    const stream = new one.MemoryMessageBroker([[Left, [{ t: 1 }, new other.EndOfStream()] as never]]);
    const run = new one.WaterMill({ process: one.processFunction(Left, {}, nothing), broker: stream }).run();
    await expect(run).rejects.toEqual(refused(/^A value of/));
  });

  it('has an EndOfStream that is not a result', async () => {
    const process = one.processFunction(Left, { emits: [Right] }, (() => new other.EndOfStream()) as never);
    await expect(new one.WaterMill({ process, broker: broker() }).run()).rejects.toEqual(refused(/^A result/));
  });
});
