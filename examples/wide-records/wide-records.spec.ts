import { MemoryMessageBroker, WaterMillError } from 'watermill';
import { replay } from '../support/replay.js';
import { NorthOfLine, VehiclePosition } from './messages.js';
import { files, makeMill } from './mill.js';
import { positionOfRecord } from './telemetry.js';

const record = (sec: number, lat: unknown) => ({
  header: { stamp: { sec, nanosec: 500_000_000 }, frame: 'base' },
  gnss: { fix: { lat, lon: 13.4, alt: 34 } },
});

const memory = (...records: object[]) =>
  new MemoryMessageBroker([[VehiclePosition, records, { deserializer: positionOfRecord }]]);

describe('wide records', () => {
  it('write the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('are read through the deserializer', async () => {
    const broker = memory(record(1, 52.5), record(2, 40));
    await makeMill(broker).run();
    expect(broker.written(NorthOfLine)).toEqual([
      { time: 1.5, north: true },
      { time: 2.5, north: false },
    ]);
  });

  it('are checked behind the deserializer', async () => {
    const error = await makeMill(memory(record(1, '52.5')))
      .run()
      .catch((failed: WaterMillError) => failed);
    expect(error).toMatchObject({ code: 'WM_BAD_MESSAGE', details: { position: 0, field: 'latitude' } });
  });
});
