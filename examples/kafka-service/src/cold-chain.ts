import { injectable } from 'tsyringe';
import { field, Joined, joinStreams, joinWith, message, Process } from 'watermill';
import { Alarm, Position, Temperature } from './messages.js';

/** Milliseconds: an older position is not meaningful for the place of a lorry. */
const oldestPosition = 60_000;

/** Each temperature with the last position of the same lorry. */
export const tree = joinStreams(
  Temperature,
  joinWith(Position, {
    left: field(Temperature, 'at'),
    right: field(Position, 'at'),
    asOf: 'backward',
    tolerance: oldestPosition,
    on: [[field(Temperature, 'truck'), field(Position, 'truck')]],
    kind: 'left',
  }),
);

export class Limits {
  constructor(readonly maxCelsius: number) {}
}

@injectable()
export class ColdChain {
  constructor(private readonly limits: Limits) {}

  @Process(tree, { emits: [Alarm] })
  watch(temperature: Temperature, positions: Joined<Temperature, Position>): Alarm | undefined {
    const { truck, at, celsius } = temperature;
    if (celsius <= this.limits.maxCelsius) return undefined;
    const place = positions.first(temperature);
    return message(Alarm, { truck, at, celsius, latitude: place?.latitude, longitude: place?.longitude });
  }
}
