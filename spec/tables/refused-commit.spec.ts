import { writeFileSync } from 'node:fs';
import { CustomMessageBroker, JsonFileMessageBroker, processFunction, WaterMill, WaterMillError } from 'watermill';
import type { Connection, ConnectRequest } from '../../lib/brokers/broker.js';
import { temporaryDirectory } from '../support/temporary-directory.js';
import { PageView, Visits, VisitsByUser } from './model.js';

/** A broker that cannot store commits after the tenth element. */
class RefusingBroker extends JsonFileMessageBroker {
  override async connect(request: ConnectRequest): Promise<Connection> {
    const connection = await super.connect(request);
    const lanes = connection.lanes.bind(connection);
    const check = (text: string): void => {
      if (JSON.parse(text).lane.nodes[0].from > 10) throw new WaterMillError('WM_COMMIT_TOO_LARGE', 'too large', {});
    };
    connection.lanes = () =>
      (async function* () {
        for await (const lane of lanes()) yield Object.assign(lane, { check });
      })() as any;
    return connection;
  }
}

const directory = temporaryDirectory();
afterAll(() => directory.remove());

it('a commit that the broker cannot keep leaves the tables at the last one, also beside a batch sink', async () => {
  const file = directory.file('views.json');
  writeFileSync(file, JSON.stringify(Array.from({ length: 20 }, (_, at) => ({ at, user: 'a' }))));
  const counts: number[] = [];
  const sink = { write: async (rows: any[]) => void counts.push(...rows.map(({ count }) => count)) };
  const process = processFunction(PageView, { emits: [Visits], inject: [VisitsByUser] }, ({ user }, visits) => {
    const row = { user, count: (visits.get(user)?.count ?? 0) + 1 };
    visits.put(row);
    return Object.assign(new Visits(), row);
  });
  const run = async (Broker: typeof JsonFileMessageBroker) => {
    const broker = new Broker([[PageView, file]], { group: 'g' });
    const outputBroker = new CustomMessageBroker<any, any>({
      sinks: [[Visits, sink]] as never,
      progress: directory.file('progress'),
    });
    await new WaterMill({ process, broker, outputBroker, commitEvery: { elements: 3 } }).run();
  };
  await expect(run(RefusingBroker)).rejects.toMatchObject({ code: 'WM_COMMIT_TOO_LARGE' });
  await run(JsonFileMessageBroker);
  expect(counts).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
});
