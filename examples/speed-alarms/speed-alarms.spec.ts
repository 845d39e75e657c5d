import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryMessageBroker } from 'watermill';
import { RobotSpeed, SpeedAlarm } from './messages.js';
import { makeMill } from './mill.js';

/**
 * How a mill is tested in a repository of its own: each folder of `fixtures/` is a case that came up, its inputs as they
 * were recorded and the results that are right. A new case is a new folder; the test stays as it is.
 */
const fixtures = path.join(__dirname, 'fixtures');

function read(...names: string[]) {
  return JSON.parse(readFileSync(path.join(fixtures, ...names), 'utf8'));
}

describe('speed alarms', () => {
  it.each(readdirSync(fixtures))('are right for the recorded case %s', async (name) => {
    const broker = new MemoryMessageBroker([[RobotSpeed, read(name, 'robot-speed.json')]]);
    await makeMill(broker).run();
    expect(broker.written(SpeedAlarm)).toEqual(read(name, 'expected.json'));
    expect(broker.ended(SpeedAlarm)).toBe(true);
  });
});
