import { threadId } from 'node:worker_threads';
import { EndOfStream, message } from '../../../dist/index.mjs';
import { Label, Photo, Unknown } from './classes.mjs';

class Refusal extends Error {
  name = 'Refusal';
  looksAt = () => this;
}
const refusal = new Refusal('no', { cause: 'because' });
const label = (id, text) => message(Label, { id, text });

/** What it does, the size of the photo says. */
export default async function work(photo) {
  const { id, size } = photo;
  switch (size) {
    case 1:
      throw new TypeError(`bad photo ${id}`);
    case 2:
      return process.exit(7);
    case 3:
      return message(Unknown, { id });
    case 4:
      return { id, text: 'plain' };
    case 5:
      return [label(id, 'one'), undefined, label(id, 'two')];
    case 6:
      return [label(id, 'last'), new EndOfStream()];
    case 7:
      return undefined;
    case 8:
      return () => 1;
    case 9:
      throw { code: 5 };
    case 10:
      await new Promise((resolve) => setTimeout(resolve, 20 * (3 - (id % 4))));
      return label(id, `thread ${threadId > 0}`);
    case 11:
      throw Object.assign(new AggregateError([new Error('one'), () => 'two'], 'all failed', { cause: refusal }), {
        code: 'E_ALL',
      });
    case 12:
      return { [Symbol.asyncIterator]: () => ({ next: async () => ({}) }) };
    case 13:
      for (const kept = []; ; ) kept.push(new Array(100_000).fill(id));
    case 14: {
      const channel = new BroadcastChannel('fail now');
      channel.onmessage = () => {
        channel.close();
        Promise.reject(new Error('not awaited'));
      };
      return label(id, 'fails later');
    }
    case 15:
      return process.exit(-1);
    case 16:
      setImmediate(() => {
        throw null;
      });
      return new Promise(() => {});
    default:
      return label(id, `${photo instanceof Photo} ${photo.isLarge} ${photo.taken?.toISOString()}`);
  }
}
