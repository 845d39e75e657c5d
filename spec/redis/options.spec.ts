import { processFunction, WaterMill } from 'watermill';
import { RedisMessageBroker, redisGroup, redisList, redisStream } from 'watermill/redis';
import { Next, Order, Price, Sale } from '../mill/support/model.js';
import { refusal } from '../support/refusal.js';

const plain = (options: object): unknown => new RedisMessageBroker(options as never);
const entries = [[Order, redisStream('orders')]];

describe('a Redis broker refuses', () => {
  it.each([
    ['no entries', () => plain({}), "The option 'entries'"],
    ['an unknown option', () => plain({ entries, host: 'x' }), 'RedisMessageBroker has no option "host"'],
    ['a URL of something else', () => plain({ entries, url: 'http://localhost' }), "The option 'url'"],
    ['a client that is there already', () => plain({ entries, client: { connect: () => {} } }), "The option 'client'"],
    ['two addresses', () => plain({ entries, url: 'redis://a', client: { url: 'redis://b' } }), "The option 'client'"],
    ['another guarantee', () => plain({ entries, guarantee: 'twice' }), "The option 'guarantee'"],
    ['a retry that is no number', () => plain({ entries, retry: { retries: 'often' } }), "The option 'retry'"],
    ['an unknown part of retry', () => plain({ entries, retry: { times: 3 } }), "The option 'retry'"],
    ['an entry without a class', () => plain({ entries: [['orders', redisStream('orders')]] }), 'Entry 1 of entries'],
    ['a key alone', () => plain({ entries: [[Order, 'orders']] }), 'The entry of Order'],
    ['a codec that is none', () => plain({ entries: [[Order, redisStream('o'), 'json']] }), 'The entry of Order'],
    ['a class twice', () => plain({ entries: [...entries, [Order, redisStream('others')]] }), 'one entry per class'],
    [
      'a key in two ways',
      () => plain({ entries: [...entries, [Next, redisList('orders')]] }),
      'the same function and options as the other entry of orders, found { kind: "list" }',
    ],
    [
      'a key with other options',
      () => plain({ entries: [...entries, [Next, redisStream('orders', { start: 'end', maxLength: 9 })]] }),
      'the same function and options as the other entry of orders, found { start: "end" }',
    ],
    [
      'keys that overlap',
      () => plain({ entries: [...entries, [Next, redisStream(['orders', 'more'])]] }),
      'the same keys, in the same order',
    ],
    [
      'bytes and values of one stream',
      () => plain({ entries: [...entries, [Next, redisStream('orders'), { raw: true }]] }),
      'raw for all classes of a stream',
    ],
    ['a group without a name', () => plain({ entries: [[Order, redisGroup('o', { consumer: 'a' })]] }), 'a group'],
    ['an empty key', () => redisStream(''), 'The key of redisStream()'],
    ['no keys', () => redisList([]), 'The key of redisList()'],
    ['a key twice', () => redisStream(['a', 'a']), 'each key once'],
    ['a start that is no id', () => redisStream('a', { start: '$' }), "The option 'start' of redisStream()"],
    ['an id that is too large', () => redisStream('a', { start: '18446744073709551616-0' }), "The option 'start'"],
    ['a count of 0', () => redisStream('a', { count: 0 }), "The option 'count'"],
    ['a length that is no whole number', () => redisStream('a', { maxLength: 1.5 }), "The option 'maxLength'"],
    ['another policy', () => redisStream('a', { onLost: 'skip' as never }), "The option 'onLost'"],
    ['other fields', () => redisStream('a', { fields: 'all' as never }), "The option 'fields'"],
    ['another end', () => redisList('a', { take: 'left' as never }), "The option 'take'"],
    ['another delivery', () => redisList('a', { delivery: 'exactly-once' as never }), "The option 'delivery'"],
    ['a fairness that is none', () => redisList('a', { fair: 1 as never }), "The option 'fair'"],
    ['a consumer without a name', () => redisGroup('a', {} as never), "The option 'consumer' of redisGroup()"],
    ['a time that is none', () => redisGroup('a', { consumer: 'c', claimAfterMs: -1 }), "The option 'claimAfterMs'"],
    ['no deliveries', () => redisGroup('a', { consumer: 'c', maxDeliveries: 0 }), "The option 'maxDeliveries'"],
    [
      'a letter without a class',
      () => redisGroup('a', { consumer: 'c', deadLetter: 'x' as never }),
      "The option 'deadLetter'",
    ],
  ])('%s', (_, make, message) => {
    expect(refusal(make)).toMatchObject({ code: 'WM_BROKER_OPTIONS', message: expect.stringContaining(message) });
  });

  it('accepts valid options', () => {
    const broker = new RedisMessageBroker({
      url: 'rediss://user:secret@host:1/2',
      retry: { retries: 0 },
      entries: [
        [Order, redisStream('orders', { start: '5' })],
        [Next, redisStream('orders', { start: '5' })],
        [Price, redisList(['a', 'b'])],
        [Sale, redisStream('sales', { fields: 'each' })],
      ],
    });
    expect(broker.streamOf(Order)).toMatchObject({ label: 'orders', id: 'redis host:1/2 orders' });
    expect(broker.streamOf(Next)!.id).toBe(broker.streamOf(Order)!.id);
    expect(JSON.stringify(broker.streamOf(Sale))).not.toContain('secret');
  });
});

describe('explain() describes the clock:', () => {
  it.each([
    [
      'a group',
      redisGroup('o', { consumer: 'c', claimAfterMs: 9 }),
      'Order is read as it is delivered to this consumer, also entries that others have left for 9 ms',
    ],
    ['several lists', redisList(['o', 'p']), 'Order is read from the lists that have elements when they are asked'],
    ['a list', redisList('o'), undefined],
    ['a stream', redisStream('o'), undefined],
  ])('%s', (_, place, expected) => {
    const process = processFunction(Order, { emits: [] }, () => {});
    const broker = new RedisMessageBroker({ group: 'g', entries: [[Order, place]] });
    const words = new WaterMill({ process, broker }).explain();
    expect(words).toContain(expected === undefined ? 'Reproducible: ' : `in 1 place:\n  ${expected}\n`);
  });
});
