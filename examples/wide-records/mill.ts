import { type Broker, JsonFileMessageBroker, message, Process, WaterMill } from 'watermill';
import { NorthOfLine, VehiclePosition } from './messages.js';
import { positionOfRecord } from './telemetry.js';

/** From Porto in the west to Varna in the east. */
const line = { west: { latitude: 41.15, longitude: -8.61 }, east: { latitude: 43.21, longitude: 27.91 } };

export class LineWatch {
  @Process()
  compare({ time, latitude, longitude }: VehiclePosition): NorthOfLine {
    const { west, east } = line;
    const part = (longitude - west.longitude) / (east.longitude - west.longitude);
    return message(NorthOfLine, { time, north: latitude > west.latitude + part * (east.latitude - west.latitude) });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [VehiclePosition, `${samples}/telemetry.ndjson`, { deserializer: positionOfRecord }],
    [NorthOfLine, `${out}/north-of-line.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: LineWatch, broker });
}
