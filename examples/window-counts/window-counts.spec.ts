import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Hit, HitCount } from './messages.js';
import { files, makeMill } from './mill.js';

const at = (second: number) => new Date(Date.UTC(2022, 0, 1, 0, 0, second));

describe('window counts', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('has the start of a window in it, and the end in the next one', async () => {
    const hits = [0, 9, 10].map((second) => ({ at: at(second), key: 'a', hits: 1 }));
    const broker = new MemoryMessageBroker([[Hit, hits]]);
    await makeMill(broker).run();
    expect(broker.written(HitCount).map((count) => [count.start, count.hits])).toEqual([
      [at(0), 2],
      [at(10), 1],
    ]);
  });
});
