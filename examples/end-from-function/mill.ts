import { type Broker, EndOfStream, JsonFileMessageBroker, message, Process, WaterMill } from 'watermill';
import { DistanceToGoal, RobotLocation } from './messages.js';

const goal = { x: 30, y: 40, radius: 2 };

/** Ends the mill when the robot arrives. Later elements are not read; the result file is complete. */
export class GoalWatch {
  @Process({ emits: [DistanceToGoal] })
  watch({ time, x, y }: RobotLocation): DistanceToGoal | EndOfStream {
    const metres = Math.hypot(goal.x - x, goal.y - y);
    if (metres <= goal.radius) return new EndOfStream();
    return message(DistanceToGoal, { time, metres: Math.round(metres * 10) / 10 });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [RobotLocation, `${samples}/robot-locations.json`],
    [DistanceToGoal, `${out}/distances.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: GoalWatch, broker });
}
