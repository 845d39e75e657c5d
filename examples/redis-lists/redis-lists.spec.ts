import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onRedis } from '../support/redis.js';
import { type Lists, makeMill } from './mill.js';

const describeOnRedis = (process.env.WATERMILL_TEST_REDIS === undefined ? describe.skip : describe) as jest.Describe;
const end = '{"watermill":"end-of-stream"}';
const texts = (...values: number[]) => values.map((value) => JSON.stringify({ sensor: 'attic', value }));
const all = (count: number) => Array.from({ length: count }, (_, i) => i);

describeOnRedis('readings from lists of Redis', () => {
  let folder: string;
  let key: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'watermill-redis-lists-'));
    key = `readings-${randomUUID()}`;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const saved = async (lists: Omit<Lists, 'file'>): Promise<string[]> => {
    const file = path.join(folder, 'readings.ndjson');
    await makeMill({ ...lists, file }).run();
    return readFileSync(file, 'utf8').trimEnd().split('\n');
  };

  it('are saved in the order in which they were pushed', async () => {
    await onRedis(['RPUSH', key, ...texts(...all(2_500)), end]);
    expect(await saved({ keys: key })).toEqual(texts(...all(2_500)));
    expect(await onRedis(['EXISTS', key])).toEqual([0]);
  });

  it('are taken from the tail: last in, first out', async () => {
    await onRedis(['RPUSH', key, end, ...texts(1, 2, 3)]);
    expect(await saved({ keys: key, options: { take: 'tail' } })).toEqual(texts(3, 2, 1));
  });

  it('are taken from several lists in turn', async () => {
    const keys = [`${key}:1`, `${key}:2`];
    await onRedis(['RPUSH', keys[0]!, ...texts(1, 2)], ['RPUSH', keys[1]!, ...texts(10, 20), end]);
    expect(await saved({ keys, options: { fair: true } })).toEqual(texts(1, 10, 2, 20));
  });
});
