import { writeFileSync } from 'node:fs';
import {
  Field,
  JsonFileMessageBroker,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  tumblingWindow,
  WaterMill,
  WaterMillError,
  window,
} from 'watermill';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { Order, orders, Sale } from './support/model.js';
import { rejection } from './support/rejection.js';

const directory = temporaryDirectory();

const failing = (thrown: unknown): Promise<WaterMillError> => {
  const process = processFunction(Order, { emits: [Sale] }, () => {
    throw thrown;
  });
  return rejection(new WaterMill({ process, broker: new MemoryMessageBroker([[Order, orders(1)]]) }).run());
};

@Message()
class Item {
  @Field() name!: string;
}

@Message()
class Data {
  @Field(() => Object) json!: any;
}

const reading = (value: unknown): Promise<WaterMillError> => {
  const process = processFunction(Item, {}, () => {});
  return rejection(new WaterMill({ process, broker: new MemoryMessageBroker([[Item, [value as Item]]]) }).run());
};

const writing = (json: unknown): Promise<WaterMillError> => {
  const process = processFunction(Order, { emits: [Data] }, () => message(Data, { json }));
  const broker = new MemoryMessageBroker([[Order, orders(1)]]);
  const outputBroker = new JsonFileMessageBroker([[Data, directory.file('data.json')]]);
  return rejection(new WaterMill({ process, broker, outputBroker }).run());
};

afterAll(() => directory.remove());

describe('an error text', () => {
  it.each([
    ['a line break', 'a\nb\r\n\tc', 'a\\nb\\r\\n\\tc'],
    ['NUL and other control characters', 'a\0b\x1b[31mc\x7f\x9b', 'a\\u0000b\\u001b[31mc\\u007f\\u009b'],
    ['marks of direction', 'a\u202eb\u2066c\u200f', 'a\\u202eb\\u2066c\\u200f'],
    ['characters without width', 'a\u200bb\ufeffc\u00add\u2060', 'a\\u200bb\\ufeffc\\u00add\\u2060'],
    ['separators', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
    ['other spaces', 'a\u00a0b\u3000c', 'a\\u00a0b\\u3000c'],
    ['halves of pairs', 'a\ud800b\udc00c😀', 'a\\ud800b\\udc00c😀'],
    ['tags', 'a\u{e0041}', 'a\\u{e0041}'],
  ])('shows %s as escapes', async (_, text, shown) => {
    const error = await failing(new Error(text));
    expect(error.message).toContain(`: ${shown}. No position`);
    expect(error.stack).toContain(shown);
    expect((await reading({ name: [text] }).catch((e) => e)).message).not.toContain(text);
    expect((await reading({ name: 1, [text]: 2 })).message).not.toContain(text);
  });

  it.each([
    ['what was thrown', () => failing('x'.repeat(5_000_000))],
    ['what is to be escaped', () => failing('\0'.repeat(5_000))],
    [
      'many errors in one',
      () =>
        failing(
          new AggregateError(
            Array.from({ length: 1_000 }, () => new Error('y'.repeat(1_000))),
            'all',
          ),
        ),
    ],
    ['a value', () => reading({ name: { a: 'x'.repeat(5_000_000) } })],
    ['a field', () => writing({ ['x'.repeat(5_000_000)]: () => {} })],
    [
      'a key',
      () => {
        const broker = new MemoryMessageBroker([
          [Item, [{ name: 'b'.repeat(5_000_000) }, { name: 'a'.repeat(5_000_000) }]],
        ]);
        const process = processFunction(
          tumblingWindow(Item, (item) => item.name as any, { size: 1 }),
          {},
          () => {},
        );
        return rejection(new WaterMill({ process, broker }).run());
      },
    ],
    [
      'a key of many parts',
      () => {
        const broker = new MemoryMessageBroker([[Item, [{ name: 'b' }]]]);
        const process = processFunction(
          tumblingWindow(Item, () => new Array(100_000).fill('x'.repeat(1_000)) as any, { size: 1 }),
          {},
          () => {},
        );
        return rejection(new WaterMill({ process, broker }).run());
      },
    ],
    [
      'an element in place of a key that holds itself',
      () => {
        const broker = new MemoryMessageBroker([[Item, [{ name: 'b' }]]]);
        const self: unknown[] = [];
        self.push(self);
        const process = processFunction(
          window(Item, () => self as any),
          {},
          () => {
            throw self;
          },
        );
        return rejection(new WaterMill({ process, broker }).run());
      },
    ],
  ])('is bounded, and ends with the remedy: %s', async (_, make) => {
    const error = await make();
    expect(error).toBeInstanceOf(WaterMillError);
    expect(error.message.length).toBeLessThanOrEqual(2_000);
    expect(error.message).toMatch(/(options|deadLetter: BadMessage \}|plain JSON, but is a function|other type)\.$/);
  });

  it('shows the names of streams escaped, like a report', async () => {
    const input = directory.file('a\nb\u200b.json');
    writeFileSync(input, '[{"name":"x"}]');
    const broker = new JsonFileMessageBroker([[Item, input]]);
    const report = await new WaterMill({ process: processFunction(Item, {}, () => {}), broker }).run();
    expect(String(report)).toContain('a\\nb\\u200b.json)');
    writeFileSync(input, '[{"name":1}]');
    const error = await rejection(new WaterMill({ process: processFunction(Item, {}, () => {}), broker }).run());
    expect(error.message).toContain('a\\nb\\u200b.json cannot be read');
  });

  it('of long names is bounded', async () => {
    const Long = { ['L'.repeat(10_000)]: class {} }['L'.repeat(10_000)] as new () => { n: number };
    Field(() => Number)(Long.prototype, 'n');
    Message({ name: 'L'.repeat(10_000) })(Long);
    const process = processFunction(Long, {}, function named() {
      throw new Error('no');
    });
    const broker = new MemoryMessageBroker([[Long, [{ n: 1 }]]]);
    const error = await rejection(new WaterMill({ process, broker }).run());
    expect(error.message.length).toBeLessThanOrEqual(2_000);
    expect(error.message).toContain("set onError: 'skip'");
  });
});
