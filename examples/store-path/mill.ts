import { container } from 'tsyringe';
import { type Broker, JsonFileMessageBroker, Process, WaterMill } from 'watermill';
import { RobotLocation } from './messages.js';
import { PathDatabase } from './path-database.js';

/** A side effect: the return type `void` says that nothing is written. The database comes from the container. */
export class PathRecorder {
  @Process()
  store({ time, x, y }: RobotLocation, database: PathDatabase): void {
    database.save(time, x, y);
  }
}

export function files(samples = 'samples') {
  return new JsonFileMessageBroker([[RobotLocation, `${samples}/robot-locations.json`]]);
}

/** The mill does not close the database: its owner does. */
export function makeMill(database: PathDatabase, broker: Broker = files()) {
  const ownContainer = container.createChildContainer().registerInstance(PathDatabase, database);
  return new WaterMill({ process: PathRecorder, broker, container: ownContainer });
}
