import { createClient } from 'redis';
import { Digest } from './digest.js';

export const url: string = process.env.REDIS_URL ?? 'redis://localhost:6379';

export function connect() {
  return createClient({ url }).connect();
}

let names = 0;

export function freshName(what: string): string {
  return `bench-${what}-${process.pid}-${++names}`;
}

/** Creates a stream with these texts, followed by the end mark; once for all variants and repetitions. */
export async function filledStream(name: string, count: number, textOf: (index: number) => string): Promise<string> {
  const key = `bench-${name}-${count}`;
  const client = await connect();
  if ((await client.exists(key)) === 0) {
    for (let from = 0; from < count; from += 1_000) {
      const batch = client.multi();
      for (let i = from; i < Math.min(count, from + 1_000); i++) batch.xAdd(key, '*', { json: textOf(i) });
      await batch.execAsPipeline();
    }
    await client.xAdd(key, '*', { watermill: 'end-of-stream' });
  }
  client.destroy();
  return key;
}

/** Returns the digest of one number of each result, and removes the stream. */
export async function digestOfStream(key: string, numberOf: (value: any) => number): Promise<string> {
  const digest = new Digest();
  const client = await connect();
  for (let from = '-'; ; ) {
    const page = (await client.xRange(key, from, '+', { COUNT: 1_000 })) ?? [];
    for (const { message } of page) if (message.json !== undefined) digest.add(numberOf(JSON.parse(message.json)));
    const last = page.at(-1);
    if (last === undefined) break;
    from = `(${last.id}`;
  }
  await client.del(key);
  client.destroy();
  return String(digest);
}
