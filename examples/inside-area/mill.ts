import { type Broker, JsonFileMessageBroker, message, Process, WaterMill } from 'watermill';
import { InsideArea, RobotLocation } from './messages.js';

const area = { left: 10, right: 40, bottom: 5, top: 25 };

/** One stream needs no tree: the method's first parameter defines the input, its return type the output. */
export class AreaWatch {
  @Process()
  isInside({ time, x, y }: RobotLocation): InsideArea {
    const inside = x >= area.left && x <= area.right && y >= area.bottom && y <= area.top;
    return message(InsideArea, { time, inside });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [RobotLocation, `${samples}/robot-locations.ndjson`],
    [InsideArea, `${out}/inside-area.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: AreaWatch, broker });
}
