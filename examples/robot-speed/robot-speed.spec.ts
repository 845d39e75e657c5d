import { readFileSync } from 'node:fs';
import path from 'node:path';
import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { sampleText } from './make-samples.js';
import { NextLocation, RobotLocation, RobotSpeed } from './messages.js';
import { files, makeMill } from './mill.js';
import { imperial } from './unit-system.js';

describe('robot speed', () => {
  it('writes the expected file', async () => {
    const { written, expected, report } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
    expect(report).toMatchObject({ ended: 'no further match', because: 'NextLocation', calls: 2943 });
  });

  it('has samples that anyone can make again', () => {
    expect(readFileSync(path.join(__dirname, 'samples/robot-locations.json'), 'utf8')).toBe(sampleText());
  });

  it('gives no speed across a gap, and takes the unit system that it is given', async () => {
    const locations = [
      { time: 0, x: 0, y: 0 },
      { time: 10, x: 30, y: 40 },
      { time: 30, x: 30, y: 40 },
      { time: 40, x: 30, y: 40 },
    ];
    const broker = new MemoryMessageBroker([
      [RobotLocation, locations],
      [NextLocation, locations],
    ]);
    await makeMill(broker, imperial).run();
    expect(broker.written(RobotSpeed)).toEqual([
      { timeFrom: 0, timeTo: 10, speed: 11.18, unit: 'mph' },
      { timeFrom: 30, timeTo: 40, speed: 0, unit: 'mph' },
    ]);
  });
});
