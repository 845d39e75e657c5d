import 'reflect-metadata';
import {
  alias,
  type Broker,
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { explore } from 'watermill/testing';
import type { Measure, Outcome, Work } from './support/bench.js';
import { timed } from './support/timed.js';

/** Explorations of the mill in the README's quick start; compared with as many undisturbed runs. */
export const measures: readonly Measure[] = [
  {
    name: 'explore',
    size: 200,
    ours: { run: explored },
    reference: { run: undisturbed },
    // 200 runs in under ten seconds.
    metrics: [{ unit: 'ms', target: { oursAtMost: 10_000 } }],
  },
];

@Message()
class Location {
  @Field() time!: number;
  @Field() x!: number;
  @Field() y!: number;
}

@Message()
class NextLocation extends alias(Location, 'NextLocation') {}

@Message()
class Speed {
  @Field({ name: 'time_from' }) timeFrom!: number;
  @Field() speed!: number;
}

const tree = joinStreams(
  Location,
  joinWith(NextLocation, { left: field(Location, 'time').plus(10), right: field(NextLocation, 'time') }),
);
const measure = processFunction(tree, { emits: [Speed] }, function* (here, next) {
  for (const there of next.of(here)) {
    const metres = Math.hypot(there.x - here.x, there.y - here.y);
    yield message(Speed, { timeFrom: here.time, speed: metres / 10 });
  }
});
const times = Array.from({ length: 100 }, (_, i) => i * 10);
const locations = times.map((time) => ({ time, x: time * 0.3, y: Math.sqrt(time) }));
const inputs = [
  [Location, locations],
  [NextLocation, locations],
] as const;
const makeMill = (broker: Broker) => new WaterMill({ process: measure, broker });

async function explored({ size }: Work): Promise<Outcome> {
  return timed(
    async () => {
      await explore(makeMill, { inputs, runs: size });
      return size;
    },
    (runs) => String(runs),
  );
}

async function undisturbed({ size }: Work): Promise<Outcome> {
  return timed(
    async () => {
      for (let run = 0; run < size; run++) await makeMill(new MemoryMessageBroker(inputs)).run();
      return size;
    },
    (runs) => String(runs),
  );
}
