import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import {
  Field,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  Message,
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

const folder = temporaryDirectory();
afterAll(() => folder.remove());
const elements = 20_000;

/** Writes text lines of similar size that cannot be compressed. */
function write(name: string, count: number): string {
  const lines = Array.from({ length: count }, (_, t) => `{"t":${100_000 + t},"n":${(t * 48_271) % 1_000_003}}\n`).join(
    '',
  );
  const file = folder.file(name);
  writeFileSync(file, name.endsWith('.gz') ? gzipSync(lines) : lines);
  return file;
}

/** Returns the progress after this many calls. */
async function seenAfter(calls: number, orders: string, prices: string) {
  const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 't'), right: field(Price, 't') }));
  let made = 0;
  let seen: ReturnType<WaterMill['progress']> | undefined;
  const process = processFunction(tree, {}, () => {
    if (++made === calls) seen = mill.progress();
  });
  const broker = new JsonFileMessageBroker([
    [Order, orders],
    [Price, prices],
  ]);
  const mill: WaterMill = new WaterMill({ process, broker });
  await mill.run();
  return { ...seen, atEnd: mill.progress() };
}

// Files are read ahead of the join, and compressed bytes ahead of the decompressed ones.
it.each([
  ['orders.ndjson', 20_000, 0.39],
  ['few.ndjson', 5_500, 0.39],
  ['few.ndjson', 5_500, 0.1],
  ['orders.ndjson.gz', 20_000, 0.39],
  ['orders.ndjson.gz', 20_000, 0.8],
])('counts what the calls covered, not the read-ahead: %s of %d, at %d', async (name, count, at) => {
  const orders = write(name, count);
  const { fraction, nodes, atEnd } = await seenAfter(count * at, orders, orders);
  for (const part of [fraction, nodes?.[0]?.fraction, nodes?.[1]?.fraction]) {
    expect(part).toBeGreaterThan(at - 0.06);
    expect(part).toBeLessThan(at + 0.06);
  }
  expect(atEnd.fraction).toBe(1);
});

it('weighs each input by its elements: half of a small input counts little', async () => {
  const orders = write('few.ndjson', elements / 10);
  const prices = write('many.ndjson', elements);
  const { fraction, nodes, atEnd } = await seenAfter(elements / 20, orders, prices);
  const [few, many] = (nodes ?? []).map((node) => node.fraction ?? 0) as [number, number];
  expect(few).toBeGreaterThan(0.45);
  expect(many).toBeLessThan(0.2);
  expect(fraction).toBeCloseTo((few * 0.1 + many) / 1.1, 2);
  // The master has ended, and the run with it: the rest of the prices is not read.
  expect(atEnd.nodes[0]?.fraction).toBe(1);
  expect(atEnd.fraction).toBeLessThan(0.4);
});

// A small file is one batch, which the lane gets as a whole.
it('follows the calls made', async () => {
  const orders = write('ten.ndjson', 10);
  const { fraction, nodes } = await seenAfter(3, orders, orders);
  expect(fraction).toBeCloseTo(0.3);
  expect(nodes?.map((node) => node.fraction)).toEqual([expect.closeTo(0.3), expect.closeTo(0.3)]);
});
