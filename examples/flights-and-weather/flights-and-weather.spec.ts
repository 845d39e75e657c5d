import { MemoryMessageBroker } from 'watermill';
import { replay } from '../support/replay.js';
import { Departure, Flight, Weather } from './messages.js';
import { files, makeMill } from './mill.js';

const at = (hour: number, minute = 0) => new Date(Date.UTC(2024, 10, 4, hour, minute));

describe('flights and weather', () => {
  it('writes the expected file', async () => {
    const { written, expected } = await replay(__dirname, (samples, out) => makeMill(files(samples, out)));
    expect(written).toEqual(expected);
  });

  it('keeps a flight without a recent report', async () => {
    const flight = { flight: 'WM 1', origin: 'OSL', destination: 'KEF' };
    const broker = new MemoryMessageBroker([
      [
        Flight,
        [
          { departsAt: at(10), ...flight },
          { departsAt: at(10, 1), ...flight },
        ],
      ],
      [
        Weather,
        [
          { observedAt: at(8), airport: 'OSL', windKnots: 12, visibilityKm: 9 },
          { observedAt: at(9), airport: 'BGO', windKnots: 30, visibilityKm: 4 },
        ],
      ],
    ]);
    await makeMill(broker).run();
    expect(broker.written(Departure).map(({ windKnots, reportAgeMinutes }) => [windKnots, reportAgeMinutes])).toEqual([
      [12, 120],
      [null, null],
    ]);
  });
});
