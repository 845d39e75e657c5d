import { processFunction, WaterMill } from 'watermill';
import { silentLogger } from '../../lib/base/logger.js';
import { Order, range } from '../mill/support/model.js';
import { kafkaBroker } from './support/kafka-broker.js';
import { describeOnKafka, uniqueName } from './support/on-kafka.js';
import { TestCluster } from './support/topics.js';

const cluster = new TestCluster();
const values = (...times: number[]) => times.map((time) => ({ time, id: `o${time}` }));

describeOnKafka('how far a group is behind', () => {
  beforeAll(() => cluster.open());
  afterAll(() => cluster.close());

  it('is visible from outside, per partition, from the committed offsets', async () => {
    const topic = await cluster.topic(2);
    const group = uniqueName('lag');
    const broker = kafkaBroker([[Order, topic]], { group });
    const inputs = [{ message: Order, entry: broker.streamOf(Order)! }];
    const lags = async () => (await broker.lag({ inputs, logger: silentLogger }))[0];
    await cluster.write(topic, values(...range(5)), 0);
    await cluster.write(topic, values(...range(3)), 1);
    expect(await lags()).toEqual([
      { label: 'partition 0', committed: undefined, end: 5, lag: 5 },
      { label: 'partition 1', committed: undefined, end: 3, lag: 3 },
    ]);
    let calls = 0;
    const process = processFunction(Order, { emits: [] }, () => {
      if (++calls === 8) void mill.stop();
    });
    const mill = new WaterMill({ process, broker });
    await mill.run();
    await cluster.write(topic, values(7, 8), 1);
    expect(await lags()).toEqual([
      { label: 'partition 0', committed: 5, end: 5, lag: 0 },
      { label: 'partition 1', committed: 3, end: 5, lag: 2 },
    ]);
  });
});
