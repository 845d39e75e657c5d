import {
  type Broker,
  field,
  Joined,
  JsonFileMessageBroker,
  joinStreams,
  joinWith,
  message,
  Process,
  WaterMill,
} from 'watermill';
import { Departure, Flight, Weather } from './messages.js';

/** Milliseconds. */
const minute = 60 * 1000;
const hour = 60 * minute;

/** Every flight, with the last report of its origin if that is at most two hours old. */
export const tree = joinStreams(
  Flight,
  joinWith(Weather, {
    left: field(Flight, 'departsAt'),
    right: field(Weather, 'observedAt'),
    asOf: 'backward',
    tolerance: 2 * hour,
    on: [[field(Flight, 'origin'), field(Weather, 'airport')]],
    kind: 'left',
  }),
);

export class DepartureBoard {
  @Process(tree, { emits: [Departure] })
  describe(flight: Flight, reports: Joined<Flight, Weather>): Departure {
    const { departsAt, origin } = flight;
    const report = reports.first(flight);
    const age = report === undefined ? null : (departsAt.getTime() - report.observedAt.getTime()) / minute;
    return message(Departure, {
      departsAt,
      flight: flight.flight,
      origin,
      windKnots: report?.windKnots ?? null,
      visibilityKm: report?.visibilityKm ?? null,
      reportAgeMinutes: age,
    });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Flight, `${samples}/flights.json`],
    [Weather, `${samples}/weather.json`],
    [Departure, `${out}/departures.json`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: DepartureBoard, broker });
}
