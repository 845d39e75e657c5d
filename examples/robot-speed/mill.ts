import { container } from 'tsyringe';
import { type Broker, JsonFileMessageBroker, WaterMill } from 'watermill';
import { NextLocation, RobotLocation, RobotSpeed } from './messages.js';
import { SpeedMeter } from './speed-meter.js';
import { metric, UnitSystem } from './unit-system.js';

/** Both nodes of the join name one file: it is read once. */
export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [RobotLocation, `${samples}/robot-locations.json`],
    [NextLocation, `${samples}/robot-locations.json`],
    [RobotSpeed, `${out}/robot-speed.json`],
  ]);
}

/** With a separate container: two mills with different units may run side by side. */
export function makeMill(broker: Broker = files(), units = metric) {
  const ownContainer = container.createChildContainer().registerInstance(UnitSystem, units);
  return new WaterMill({ process: SpeedMeter, broker, container: ownContainer, progress: 'terminal' });
}
