import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onRedis } from '../support/redis.js';
import { makeMill } from './mill.js';

const describeOnRedis = (process.env.WATERMILL_TEST_REDIS === undefined ? describe.skip : describe) as jest.Describe;

describeOnRedis('entries of a stream of Redis', () => {
  let folder: string;
  let key: string;
  beforeEach(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'watermill-redis-streams-'));
    key = `device-${randomUUID()}`;
    for (const i of [8, 9, 10, 11]) await onRedis(['XADD', key, `1000-${i}`, 'sensor', 'attic', 'value', `${i}.5`]);
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const traced = async (start: string): Promise<unknown[]> => {
    const file = path.join(folder, 'readings.ndjson');
    await onRedis(['XADD', key, '2000-0', 'watermill', 'end-of-stream']);
    await makeMill({ key, start, file }).run();
    const text = readFileSync(file, 'utf8').trimEnd();
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line));
  };
  const line = (i: number) => ({ sensor: 'attic', value: i + 0.5, _redis_stream: key, _redis_message_id: `1000-${i}` });

  it('are saved with their stream and their id', async () => {
    expect(await traced('beginning')).toEqual([8, 9, 10, 11].map(line));
  });

  it('are read after an id, as pairs of numbers: 1000-10 comes after 1000-9', async () => {
    expect(await traced('1000-9')).toEqual([10, 11].map(line));
  });
});
