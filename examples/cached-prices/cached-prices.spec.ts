import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Order, PricedOrder } from './messages.js';
import { files, makeMill } from './mill.js';
import { PriceList } from './price-list.js';

const ordersOf = (...products: readonly string[]) => products.map((product, id) => ({ id, product, pieces: 1 }));

describe('cached prices', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('asks for several products at once, for each once, and keeps the order', async () => {
    const asked: string[] = [];
    const answers: (() => void)[] = [];
    const prices = new PriceList((product) => {
      asked.push(product);
      return new Promise((resolve) => {
        answers.push(() => resolve(product.length));
        // The service responds only when all requests are made; then the last one comes first.
        if (answers.length === 3) for (const answer of answers.reverse()) answer();
      });
    });
    const broker = new MemoryMessageBroker([[Order, ordersOf('a', 'bb', 'a', 'ccc')]]);
    await makeMill(broker, prices).run();
    expect(asked).toEqual(['a', 'bb', 'ccc']);
    expect(broker.written(PricedOrder).map(({ id, total }) => [id, total])).toEqual([
      [0, 1],
      [1, 2],
      [2, 1],
      [3, 3],
    ]);
  });

  it('fails where the service does, and asks again in the next run', async () => {
    let isDown = true;
    const prices = new PriceList(async () => {
      if (isDown) throw new Error('the service is down');
      return 5;
    });
    const broker = new MemoryMessageBroker([[Order, ordersOf('a')]]);
    await expect(makeMill(broker, prices).run()).rejects.toThrow('the service is down');
    isDown = false;
    await makeMill(broker, prices).run();
    expect(broker.written(PricedOrder).map(({ total }) => total)).toEqual([5]);
  });
});
