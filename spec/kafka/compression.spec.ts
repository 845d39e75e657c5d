import { message, processFunction, WaterMill } from 'watermill';
import type { KafkaOptions } from 'watermill/kafka';
import { Order, range, Sale } from '../mill/support/model.js';
import { rejection } from '../mill/support/rejection.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const copy = processFunction(Order, { emits: [Sale] }, ({ id, time }) => message(Sale, { id, amount: time }));
const orders = (times: readonly number[]) => times.map((time) => ({ time, id: 'o'.repeat(100) }));
const codecs = {
  snappy: () => require('kafkajs-snappy'),
  lz4: () => require('lz4js'),
  zstd: () => require('fzstd'),
};
const packages = { snappy: 'kafkajs-snappy', lz4: 'lz4js', zstd: 'fzstd' };
const names = ['snappy', 'lz4', 'zstd'] as const;
/** Node supports it from 22.15 on. */
const hasZstd = 'zstdDecompressSync' in require('node:zlib');

function mill(from: string, to: string, options: Partial<KafkaOptions> = {}): WaterMill<any> {
  const entries = [
    [Order, from],
    [Sale, to],
  ] as const;
  return new WaterMill({ process: copy, broker: kafkaBroker(entries, options as any) });
}

describe('the option compression', () => {
  it.each(names.filter((name) => name !== 'zstd' || !hasZstd))(
    'needs a codec for %s, and names the package',
    (name) => {
      expect(() => mill('a', 'b', { compression: name })).toThrow(
        expect.objectContaining({ code: 'WM_BROKER_OPTIONS', message: expect.stringContaining(packages[name]) }),
      );
    },
  );

  it.each([
    ['compression', { compression: 'brotli' }],
    ['codecs', { codecs: { brotli: () => ({}) } }],
    ['codecs', { codecs: { lz4: {} } }],
  ])('is refused if it is unknown: %s %j', (option, options) => {
    expect(() => mill('a', 'b', options as any)).toThrow(`The option '${option}' of KafkaMessageBroker is wrong`);
  });
});

describeOnKafka('compressed records', () => {
  const cluster = new TestCluster();
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  // In this order: codecs are global in the process.
  describe.each(names.filter((name) => name !== 'zstd' || !hasZstd))('%s', (name) => {
    it('without a codec are an error that names the place and the package to install', async () => {
      const [from, to, group] = [await cluster.topic(), await cluster.topic(), uniqueName('group')];
      await cluster.write(from, orders([0, 1, 2]));
      await cluster.alter(from, { 'compression.type': name });
      await cluster.write(from, orders([3, 4]));
      const error = (await rejection(mill(from, to, { group }).run())) as Error;
      expect(error).toMatchObject({ code: 'WM_KAFKA_FAILED', details: { stream: from, partition: 0, position: 3 } });
      expect(error.message).toContain(
        `Kafka failed at reading ${from}, partition 0: the records from offset 3 on cannot be read, they are compressed with ${name}, for which there is no codec. Run npm install ${packages[name]}`,
      );
      expect((await cluster.read(to)).map(({ value }) => JSON.parse(value as string).amount)).toEqual([0, 1, 2]);
      expect((await cluster.committed(group, from))[0]?.offset).toBe('3');
    });

    it('are read with a codec', async () => {
      const from = await cluster.topic(1, { 'compression.type': name });
      const to = await cluster.topic();
      await cluster.write(from, orders(range(700)));
      await cluster.end(from);
      await mill(from, to, { codecs: { [name]: codecs[name]() } }).run();
      expect((await cluster.values(to)).map(({ amount }) => amount)).toEqual(range(700));
    });

    it('are an error that names the place if the codec fails', async () => {
      const from = await cluster.topic(1, { 'compression.type': name });
      await cluster.write(from, orders([0]));
      const broken = () => {
        throw new Error('out of order');
      };
      const error = await rejection(
        mill(from, await cluster.topic(), { codecs: { [name]: { decompress: broken } } }).run(),
      );
      expect((error as Error).message).toContain(
        `${from}, partition 0: the records from offset 0 on cannot be read, they are compressed with ${name}, and its codec failed: out of order`,
      );
    });
  });

  it('are what they were if a codec uses its output again for the next batch', async () => {
    const from = await cluster.topic(1, { 'compression.type': 'zstd' });
    for (const time of range(20)) await cluster.write(from, orders([time]));
    await cluster.end(from);
    const output = Buffer.alloc(10_000);
    const { decompress } = codecs.zstd();
    const zstd = {
      decompress: (data: Buffer) => {
        const bytes = decompress(data);
        output.fill(32).set(bytes);
        return output.subarray(0, bytes.length);
      },
    };
    const to = await cluster.topic();
    await mill(from, to, { codecs: { zstd } }).run();
    expect((await cluster.values(to)).map(({ amount }) => amount)).toEqual(range(20));
  });

  it.each(['gzip', 'snappy'] as const)('are what is written, if it is asked for: %s', async (compression) => {
    const [from, to] = [await cluster.topic(), await cluster.topic(1, { 'max.message.bytes': '4000' })];
    await cluster.write(from, [{ time: 1, id: 'x'.repeat(30_000) }]);
    await cluster.end(from);
    const withCodec = { codecs: { snappy: codecs.snappy() }, compression };
    await mill(from, to, withCodec).run();
    const copied = await cluster.topic();
    // Its reader decompresses it.
    await new WaterMill({
      process: processFunction(Sale, { emits: [Order] }, ({ id, amount }) => message(Order, { id, time: amount })),
      broker: kafkaBroker(
        [
          [Sale, to],
          [Order, copied],
        ],
        withCodec as any,
      ),
    }).run();
    expect((await cluster.values(copied))[0].id).toHaveLength(30_000);
  });
});
