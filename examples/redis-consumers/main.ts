import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { onRedis } from '../support/redis.js';
import { makeMill } from './mill.js';

async function main(): Promise<void> {
  const id = randomUUID();
  const orders = [`example:${id}:orders-1`, `example:${id}:orders-2`];
  const places = { orders, invoices: `example:${id}:invoices`, letters: `example:${id}:letters`, group: id };
  for (const [i, key] of orders.entries()) {
    await onRedis(['XADD', key, '*', 'json', `{"id":"o${i}","amount":${i + 1}}`]);
    await onRedis(['XADD', key, '*', 'watermill', 'end-of-stream']);
  }
  const reports = await Promise.all(['worker-1', 'worker-2'].map((name) => makeMill({ ...places, name }).run()));
  const [invoices] = await onRedis(['XRANGE', places.invoices, '-', '+']);
  console.log(`${reports.map(({ calls }) => calls).reduce((a, b) => a + b)} orders among 2 consumers:`);
  for (const [, words] of invoices) console.log(words.join(' '));
  await onRedis(['DEL', ...orders, places.invoices]);
}

void main();
