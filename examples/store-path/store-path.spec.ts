import path from 'node:path';
import { MemoryMessageBroker } from 'watermill';
import { RobotLocation } from './messages.js';
import { files, makeMill } from './mill.js';
import { PathDatabase } from './path-database.js';

describe('storing a path', () => {
  let database: PathDatabase;
  beforeEach(async () => {
    database = await PathDatabase.open();
  });
  afterEach(() => database.close());

  it('puts every location into the database', async () => {
    const report = await makeMill(database, files(path.join(__dirname, 'samples'))).run();
    expect(database.query('SELECT count(*), min(time), max(time), max(x) FROM path')).toEqual([[25, 0, 240, 36]]);
    expect(report.emitted).toEqual([]);
  });

  it('gives the same rows when calls are repeated', async () => {
    const locations = [
      { time: 1, x: 2, y: 3 },
      { time: 2, x: 4, y: 6 },
    ];
    for (let run = 0; run < 2; run++) {
      await makeMill(database, new MemoryMessageBroker([[RobotLocation, locations]])).run();
    }
    expect(database.query('SELECT * FROM path ORDER BY time')).toEqual([
      [1, 2, 3],
      [2, 4, 6],
    ]);
  });
});
