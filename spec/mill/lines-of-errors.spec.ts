import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import {
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { temporaryDirectory } from '../support/temporary-directory.js';

@Message()
class Order {
  @Field() t!: number;
}

@Message()
class Price {
  @Field() t!: number;
}

@Message()
class Result {
  @Field() t!: number;
}

const folder = temporaryDirectory();
afterAll(() => folder.remove());

// With a blank and a broken line, positions differ from lines.
const orders = folder.file('orders.ndjson');
writeFileSync(orders, '{"t":1}\n\n{"t":2}\n{"t":\n{"t":3}\n');
const prices = folder.file('prices.ndjson');
writeFileSync(prices, '{"t":1}\n');
const unordered = folder.file('unordered.ndjson');
writeFileSync(unordered, '\n{"t":2}\n\n{"t":1}\n');
const asArray = folder.file('orders.json');
writeFileSync(asArray, '[{"t":1},\n{"t":2},\n{"t":3}]');

function failureOf(prices: string, give: (order: Order) => unknown, master = orders) {
  const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 't'), right: field(Price, 't'), kind: 'left' }));
  const process = processFunction(tree, { emits: [Result] }, (order) => give(order) as Result);
  const broker = new JsonFileMessageBroker([
    [Order, master],
    [Price, prices],
    [Result, folder.file('results.ndjson')],
  ]);
  const inputs = [[Order, { onBadMessage: 'skip' }]] as const;
  return new WaterMill({ process, broker, inputs }).run().then(
    () => 'no failure',
    (error) => error,
  );
}

const third = (give: () => unknown) => (order: Order) => (order.t === 3 ? give() : undefined);

it.each<[string, (order: Order) => unknown]>([
  [
    'WM_PROCESS_FAILED',
    third(() => {
      throw new Error('no');
    }),
  ],
  ['WM_BAD_RESULT', third(() => message(Result, { t: Number.NaN }))],
  ['WM_RESULT', third(() => 5)],
])('%s names the element of the call and its line', async (code, give) => {
  expect(await failureOf(prices, give)).toMatchObject({
    code,
    message: expect.stringMatching(/Order at position 3 of .*orders\.ndjson.* Position 3 is line 5 of the file\./),
    details: { stream: orders, position: 3, line: 5 },
  });
});

it('of a violated order, the line is that of the stream', async () => {
  expect(await failureOf(unordered, () => undefined)).toMatchObject({
    code: 'WM_ORDER_VIOLATED',
    message: expect.stringMatching(/^Price at position 1 of .* Position 1 is line 4 of the file\./),
    details: { position: 1, line: 4 },
  });
});

it('omits lines in an array', async () => {
  const failure = await failureOf(
    asArray,
    third(() => 5),
    asArray,
  );
  expect(failure).toMatchObject({ code: 'WM_RESULT', details: { position: 2 } });
  expect(failure.message).toMatch(/That was the call for Order at position 2 of .*\.json\./);
  expect(failure.message).not.toContain('line');
});
