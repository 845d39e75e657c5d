import {
  alias,
  BadMessage,
  countWindow,
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import { hostileValues } from './support/hostile.js';
import { Order, orders, Price, prices, Sale } from './support/model.js';
import { rejection } from './support/rejection.js';
import { ScriptedBroker } from './support/scripted-broker.js';

@Message()
class Row {
  @Field() n!: number;
  @Field(() => Object, { optional: true }) data?: any;
}

@Message()
class RowCopy extends alias(Row, 'RowCopy') {}

const toLetters = { onBadMessage: { deadLetter: BadMessage } } as const;
const deep = (depth: number): unknown => JSON.parse('['.repeat(depth) + ']'.repeat(depth));

/** Returns the dead letters of these values, of which only the last one can be read. */
async function lettersOf(values: readonly unknown[]): Promise<BadMessage[]> {
  const broker = new MemoryMessageBroker([[Row, [...values, { n: 7 }] as Row[]]]);
  const process = processFunction(Row, { emits: [RowCopy] }, ({ n }) => message(RowCopy, { n }));
  await new WaterMill({ process, broker, inputs: [[Row, toLetters]] }).run();
  expect(broker.written(RowCopy).map(({ n }) => n)).toEqual([7]);
  return broker.written(BadMessage);
}

describe('the dead letter of a value in memory', () => {
  it.each([
    ['a number', 5, '5'],
    ['a negative zero', [-0], '[-0]'],
    ['text, as it is', '{"n":', '{"n":'],
    ['bytes, as text', Buffer.from('{"n":1e400}'), '{"n":1e400}'],
    ['bytes with a byte order mark', Buffer.from('\ufeff{}'), '\ufeff{}'],
    ['bytes that are no text', Uint8Array.of(255, 0), 'base64:/wA='],
    [
      'bytes that look like those, so that both are decoded alike',
      Buffer.from('base64:AA=='),
      'base64:YmFzZTY0OkFBPT0=',
    ],
    ['text that looks like those', 'base64:AA==', 'base64:YmFzZTY0OkFBPT0='],
    ['null', null, 'null'],
    ['undefined', undefined, '"undefined"'],
    ['bigints', { n: 12345678901234567890n }, '{"n":"12345678901234567890"}'],
    [
      'what JSON has no word for',
      { n: Number.NaN, a: [Number.POSITIVE_INFINITY, undefined], b: undefined, s: Symbol('x') },
      '{"n":"NaN","a":["Infinity",null],"s":"Symbol(x)"}',
    ],
    ['Dates', { n: new Date(0), m: new Date(Number.NaN) }, '{"n":"1970-01-01T00:00:00.000Z","m":"an invalid Date"}'],
    ['a member called toString', JSON.parse('{"toString":1,"__proto__":2}'), '{"toString":1,"__proto__":2}'],
    ['a toJSON', { n: { toJSON: () => ({ a: 1 }) } }, '{"n":{"a":1}}'],
    ['holes', Array.from({ length: 1 }).concat(new Array(1), 1), '[null,null,1]'],
  ])('contains %s', async (_, value, raw) => {
    expect((await lettersOf([value])).map((letter) => letter.raw)).toEqual([raw]);
  });

  it.each(hostileValues.map(([what]) => what))('is written whatever the value does: %s', async (what) => {
    const [, make, raw] = hostileValues.find(([name]) => name === what)!;
    const letters = await lettersOf([make(), { n: 'x', data: make() }]);
    expect(letters.map(({ position }) => position)).toEqual([0, 1]);
    if (raw !== undefined) expect(letters[0]?.raw).toBe(raw);
    for (const letter of letters) expect(letter.error.length).toBeLessThanOrEqual(2_000);
  });

  it('is as deep as the value, and bounded if the value is infinite', async () => {
    const grown = (): object => ({ toJSON: () => ({ b: 'x'.repeat(1_000), a: grown() }) });
    const twice = Array.from({ length: 40 }).reduce<unknown[]>((inner) => [inner, inner], []);
    const letters = await lettersOf([deep(100_000), { n: [grown()] }, { n: twice }]);
    expect(letters[0]?.raw).toBe('['.repeat(100_000) + ']'.repeat(100_000));
    for (const { raw } of letters) expect(raw.length).toBeLessThanOrEqual(1_000_001);
  });
});

describe('free JSON', () => {
  const copying = (broker: MemoryMessageBroker<any>) => {
    const process = processFunction(Row, { emits: [RowCopy] }, ({ n, data }) => message(RowCopy, { n, data }));
    return new WaterMill({ process, broker, inputs: [[Row, toLetters]] });
  };

  it('is read as deep as it can be written, and no deeper', async () => {
    const values = [1_001, 1_002, 5_000, 100_000].map((depth, n) => ({ n, data: deep(depth) }));
    const broker = new MemoryMessageBroker([[Row, values]]);
    await copying(broker).run();
    expect(broker.written(RowCopy).map(({ n }) => n)).toEqual([0]);
    expect(broker.written(BadMessage).map(({ position }) => position)).toEqual([1, 2, 3]);
    expect(broker.written(BadMessage)[0]?.error).toContain(
      'field data must be nested at most 1000 deep, but is deeper (or holds itself).',
    );
  });
});

describe('the dead letter of a call', () => {
  const originOf = (position: number) => ({
    raw: Buffer.from(`{"id":"o${position}","time":${position}.00}`),
    key: `k${position}`,
  });
  const failing = <S>(source: S, options = {}) =>
    processFunction(source as typeof Order, { emits: [Sale], onError: { deadLetter: BadMessage }, ...options }, () => {
      throw new Error('no');
    });

  it('contains its message unchanged', async () => {
    const broker = new ScriptedBroker([[Order, orders(0, 1)]], { originOf, batchSize: 1 });
    await new WaterMill({ process: failing(Order), broker }).run();
    expect(broker.written(BadMessage).map(({ position, raw }) => [position, raw])).toEqual([
      [0, '{"id":"o0","time":0.00}'],
      [1, '{"id":"o1","time":1.00}'],
    ]);
  });

  it('contains the messages of a window unchanged, across batches', async () => {
    for (const batchSize of [1, 2, 10]) {
      const broker = new ScriptedBroker([[Order, orders(0, 1, 2, 3, 4)]], { originOf, batchSize });
      const process = failing(tumblingWindow(Order, field(Order, 'time'), { size: 3 }));
      await new WaterMill({ process, broker }).run();
      expect(broker.written(BadMessage).map(({ raw }) => raw)).toEqual([
        '[{"id":"o0","time":0.00},{"id":"o1","time":1.00},{"id":"o2","time":2.00}]',
        '[{"id":"o3","time":3.00},{"id":"o4","time":4.00}]',
      ]);
    }
  });

  it.each<[string, any, any, number[][]]>([
    ['late ones', tumblingWindow(Order, field(Order, 'time'), { size: 10 }), 'skip', [[0, 1, 3]]],
    [
      'those of other values',
      countWindow(Order, { size: 2, by: field(Order, 'time').mod(2) }),
      'fail',
      [
        [0, 1],
        [2, 3],
      ],
    ],
    ['under slack', tumblingWindow(Order, field(Order, 'time'), { size: 10 }), { slack: 2 }, [[0, 2, 1, 3]]],
  ])(
    'contains only the messages of its window, unchanged although it changes their elements: %s',
    async (_, source, order, expected) => {
      const times = order === 'fail' ? [0, 2, 3, 5] : [0, 2, 1, 3];
      const broker = new ScriptedBroker([[Order, orders(...times)]], { originOf, batchSize: 2 });
      const process = processFunction(source, { onError: { deadLetter: BadMessage } }, ((members: Order[]) => {
        for (const order of members) order.id = 'changed';
        throw new Error('no');
      }) as any);
      await new WaterMill({ process, broker, inputs: [[Order, { order }]] }).run();
      const messages = expected.map((positions) => `[${positions.map((at) => originOf(at).raw).join(',')}]`);
      expect(broker.written(BadMessage).map(({ raw }) => raw)).toEqual(messages);
    },
  );

  it('contains the elements as JSON if their bytes are gone', async () => {
    const process = failing(tumblingWindow(Order, field(Order, 'time'), { size: 10 }));
    const memory = new MemoryMessageBroker([[Order, orders(0, 1)]]);
    await new WaterMill({ process, broker: memory }).run();
    const ids = JSON.parse(memory.written(BadMessage)[0]?.raw ?? '').map(({ id }: Order) => id);
    expect(ids).toEqual(['o0', 'o1']);
  });

  it('of an unmatched method contains its message unchanged', async () => {
    const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));
    const broker = new ScriptedBroker(
      [
        [Order, orders(1)],
        [Price, prices(0, 1, 2)],
      ],
      { originOf },
    );
    const process = processFunction(
      tree,
      {
        onError: { deadLetter: BadMessage },
        unmatched: [
          [
            Price,
            () => {
              throw Object.create(null);
            },
          ],
        ],
      },
      () => {},
    );
    await new WaterMill({ process, broker }).run();
    expect(broker.written(BadMessage).map(({ stream, raw, error }) => [stream, raw, error])).toEqual([
      ['stream-1', '{"id":"o0","time":0.00}', '{}'],
      ['stream-1', '{"id":"o2","time":2.00}', '{}'],
    ]);
  });

  it('is written for elements that contain themselves', async () => {
    const round = message(Row, { n: 1, data: {} });
    round.data.round = round;
    const broker = new MemoryMessageBroker([[Row, [round]]]);
    const process = processFunction(Row, { onError: { deadLetter: BadMessage } }, () => {
      throw round;
    });
    await new WaterMill({ process, broker }).run();
    expect(broker.written(BadMessage)[0]).toMatchObject({
      raw: '{"n":1,"data":{"round":"[holds itself]"}}',
      error: 'Row { n: 1, data: { round: Row {…} } }',
    });
  });
});

it('of a class that cannot be filled is an error with a code', async () => {
  class Shy {
    set raw(_: string) {
      throw new Error('not me');
    }
  }
  Field(() => String, { optional: true })(Shy.prototype, 'raw');
  Message()(Shy);
  const broker = new MemoryMessageBroker([[Order, [5 as any]]]);
  const process = processFunction(Order, {}, () => {});
  const mill = new WaterMill({ process, broker, inputs: [[Order, { onBadMessage: { deadLetter: Shy } }]] });
  expect(await rejection(mill.run())).toMatchObject({
    code: 'WM_DEAD_LETTER',
    message: expect.stringContaining('not me'),
  });
});

describe('an element that no call has returned, and that cannot be written', () => {
  /** Errors are texts. */
  @Message()
  class WrongLetter {
    @Field(() => Number) error!: number;
  }

  @Message()
  class WrongLate {
    @Field() time!: number;
    @Field(() => Number) id!: number;
  }

  const rows = [{ time: 1, id: 'a' }, { time: 'noon' }, { time: 50, id: 'b' }, { time: 2, id: 'c' }] as unknown[];

  it.each([
    ['the dead letter of a bad message', { inputs: { onBadMessage: { deadLetter: WrongLetter } } }, 1],
    ['the dead letter of a call', { onError: { deadLetter: WrongLetter }, inputs: { onBadMessage: 'skip' } }, 2],
    [
      'a late element',
      { inputs: { onBadMessage: 'skip', order: { slack: 5, by: field(Order, 'time'), late: WrongLate } } },
      3,
    ],
  ])('fails the run with the place of its message: %s', async (what, { onError = 'skip', inputs }: any, position) => {
    const process = processFunction(Order, { emits: [], onError }, ({ time }) => {
      if (time === 50) throw new Error('no stock');
    });
    const broker = new MemoryMessageBroker([[Order, rows as Order[]], [WrongLetter], [WrongLate]] as any);
    const error = await rejection(new WaterMill({ process, broker, inputs: [[Order, inputs]] }).run());
    expect(error).toMatchObject({ code: 'WM_BAD_RESULT', details: { stream: 'Order', position } });
    const name = what === 'a late element' ? 'It is the late Order' : 'It is the dead letter of Order';
    expect((error as Error).message).toContain(`${name} at position ${position} of Order`);
  });
});

it('of a message in a window that is only reread is written once', async () => {
  const values = [
    { time: 0, id: 'a' },
    { time: 'bad' },
    { time: 1, id: 'b' },
    { time: 2, id: 'c' },
    { time: 10, id: 'd' },
  ];
  const broker = new MemoryMessageBroker([[Order, values as never]]);
  const sizes: number[] = [];
  const run = (fails: boolean) => {
    const process = processFunction(
      tumblingWindow(Order, field(Order, 'time'), { size: 5 }),
      { emits: [] },
      (members) => {
        if (fails) throw new Error('no');
        sizes.push(members.length);
      },
    );
    const inputs = [[Order, { onBadMessage: { deadLetter: BadMessage } }]] as const;
    return new WaterMill({ process, broker, inputs, commitEvery: { elements: 1 } }).run();
  };
  await rejection(run(true));
  expect(broker.written(BadMessage)).toMatchObject([{ position: 1 }]);
  await run(false);
  expect(sizes).toEqual([3, 1]);
  expect(broker.written(BadMessage)).toMatchObject([{ position: 1 }]);
});

it.each([
  ['after others', ['short', 'short', 'too long', { time: 1, id: 'a' }]],
  ['before an element in its batch', [{ time: 0, id: 'a' }, 'short', 'too long', 'short', { time: 1, id: 'b' }]],
])('of a class that cannot take it, %s: none is lost, and all are written once it can', async (_, values) => {
  let isStrict = true;
  class Short {
    text = '';
    set raw(raw: string) {
      if (isStrict && raw.length > 5) throw new Error('too long');
      this.text = raw;
    }
    get raw(): string {
      return this.text;
    }
  }
  Field(() => String)(Short.prototype, 'raw');
  Message()(Short);
  const broker = new ScriptedBroker([[Order, values]], { batchSize: 100 });
  const process = processFunction(Order, {}, () => {});
  const run = () =>
    new WaterMill({ process, broker, inputs: [[Order, { onBadMessage: { deadLetter: Short } }]] }).run();
  expect(await rejection(run())).toMatchObject({ code: 'WM_DEAD_LETTER' });
  isStrict = false;
  await run();
  expect(broker.written(Short).map(({ raw }) => raw)).toEqual(values.filter((value) => typeof value === 'string'));
});
