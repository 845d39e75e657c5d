import {
  type Broker,
  field,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { NearRobots, RobotLocation, robots } from './messages.js';

const nearMetres = 5;
const [first, ...others] = robots as [(typeof robots)[number], ...typeof robots];

/** All robots at one time: one edge per robot, from an array. */
export const tree = joinStreams(
  first,
  ...others.map((robot) => joinWith(robot, { left: field(first, 'time'), right: field(robot, 'time') })),
);

/** One `Joined` per edge; a rest parameter gets them all. */
export const watchDistances = processFunction(tree, { emits: [NearRobots] }, (here, ...joined) => {
  const locations: RobotLocation[] = [here, ...joined.map((others) => others.of(here)[0]!)];
  return pairs(locations).filter(({ metres }) => metres < nearMetres);
});

function pairs(locations: readonly RobotLocation[]): NearRobots[] {
  return locations.flatMap((one, i) =>
    locations.slice(i + 1).map((other, j) =>
      message(NearRobots, {
        time: one.time,
        robots: `${robots[i]!.name} and ${robots[i + 1 + j]!.name}`,
        metres: Math.round(Math.hypot(one.x - other.x, one.y - other.y) * 100) / 100,
      }),
    ),
  );
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    ...robots.map((robot) => [robot, `${samples}/${robot.name}.json`] as const),
    [NearRobots, `${out}/near-robots.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: watchDistances, broker });
}
