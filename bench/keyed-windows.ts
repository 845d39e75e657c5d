import 'reflect-metadata';
import {
  Field,
  field,
  foldWindow,
  MemoryMessageBroker,
  Message,
  processFunction,
  sessionWindow,
  tumblingWindow,
  WaterMill,
} from 'watermill';
import type { Measure, Work } from './support/bench.js';
import { digestOf } from './support/digest.js';
import { timed } from './support/timed.js';

const sensors = 10_000;
/** The interval between two readings of a sensor. */
const round = 1_000;
const size = 50 * round;
const gap = 1.5 * round;

@Message()
class Reading {
  @Field() at!: number;
  @Field() sensor!: string;
  @Field() value!: number;
}

/** The result of a window of one sensor. */
@Message()
class SensorTotal {
  @Field() sensor!: string;
  @Field() count!: number;
  @Field() sum!: number;
}

const at = field(Reading, 'at');
const sensor = field(Reading, 'sensor');
const tumbling = () => tumblingWindow(Reading, at, { size, by: sensor });
const sessions = () => sessionWindow(Reading, at, { gap, by: sensor });

/** Windows of each of ten thousand sensors, all open at once, as arrays and folded; compared with a Map. */
export const measures: readonly Measure[] = [
  measure('tumbling', whole, (readings) => ours(readings, arrays(tumbling())), tumblingByHand),
  measure('tumbling folded', whole, (readings) => ours(readings, folded(tumbling())), tumblingFoldedByHand),
  measure('session', withPauses, (readings) => ours(readings, arrays(sessions())), sessionsByHand),
  measure('session folded', withPauses, (readings) => ours(readings, folded(sessions())), sessionsFoldedByHand),
];

function measure(
  name: string,
  make: (count: number) => Reading[],
  through: (readings: Reading[]) => ReturnType<typeof ours>,
  byHand: (readings: readonly Reading[]) => SensorTotal[],
): Measure {
  return {
    name: `keyed-windows ${name}`,
    size: 5_000_000,
    reps: 3,
    ours: { run: ({ size }: Work) => through(make(size)) },
    reference: {
      run: async ({ size }: Work) => {
        const readings = make(size);
        return timed(() => byHand(readings), digestOfTotals);
      },
    },
    metrics: [{ unit: 'elements/s', target: { ratioAtLeast: 0.7 } }],
  };
}

const names = Array.from({ length: sensors }, (_, i) => `sensor-${i}`);

/** Returns one reading of each sensor per round, in a mixed order. */
function whole(count: number): Reading[] {
  return Array.from({ length: count }, (_, i) => reading(i));
}

/** Returns readings in which each sensor is silent in every twenty-fifth round, each in a different one. */
function withPauses(count: number): Reading[] {
  const readings: Reading[] = [];
  for (let i = 0; readings.length < count; i++) {
    if ((Math.floor(i / sensors) + sensorAt(i)) % 25 !== 0) readings.push(reading(i));
  }
  return readings;
}

function sensorAt(index: number): number {
  return (index * 7919) % sensors;
}

function reading(index: number): Reading {
  const made = new Reading();
  made.at = (index * round) / sensors;
  made.sensor = names[sensorAt(index)] as string;
  made.value = index % 97;
  return made;
}

function totalOf(sensor: string, count: number, sum: number): SensorTotal {
  const total = new SensorTotal();
  total.sensor = sensor;
  total.count = count;
  total.sum = sum;
  return total;
}

function totalOfAll(readings: readonly Reading[]): SensorTotal {
  let sum = 0;
  for (let i = 0; i < readings.length; i++) sum += (readings[i] as Reading).value;
  return totalOf((readings[0] as Reading).sensor, readings.length, sum);
}

/** The hand-written loop closes a session at the next reading of its sensor, which is another order. */
function digestOfTotals(totals: readonly SensorTotal[]): string {
  const sorted = totals.map(({ sensor, count, sum }) => [Number(sensor.slice('sensor-'.length)), count, sum]);
  sorted.sort((a, b) => a[0]! - b[0]! || a[1]! - b[1]! || a[2]! - b[2]!);
  return digestOf(sorted, (each) => each);
}

type SensorWindow = ReturnType<typeof tumbling>;

function arrays(window: SensorWindow) {
  return processFunction(window, { emits: [SensorTotal] }, (readings) => totalOfAll(readings));
}

interface Sum {
  sensor: string;
  count: number;
  sum: number;
}

function folded(window: SensorWindow) {
  const sums = foldWindow(window, {
    initial: (sensor): Sum => ({ sensor, count: 0, sum: 0 }),
    add: (acc, { value }) => {
      acc.count++;
      acc.sum += value;
      return acc;
    },
  });
  return processFunction(sums, { emits: [SensorTotal] }, ({ sensor, count, sum }) => totalOf(sensor, count, sum));
}

function ours(readings: Reading[], process: ReturnType<typeof arrays> | ReturnType<typeof folded>) {
  const broker = new MemoryMessageBroker([[Reading, readings]]);
  const run = () => new WaterMill({ process, broker }).run();
  return timed(run, () => digestOfTotals(broker.written(SensorTotal)));
}

function tumblingByHand(readings: readonly Reading[]): SensorTotal[] {
  const totals: SensorTotal[] = [];
  let open = new Map<string, Reading[]>();
  let end = Number.NEGATIVE_INFINITY;
  for (const each of readings) {
    if (each.at >= end) {
      for (const members of open.values()) totals.push(totalOfAll(members));
      open = new Map();
      end = (Math.floor(each.at / size) + 1) * size;
    }
    const members = open.get(each.sensor);
    if (members === undefined) open.set(each.sensor, [each]);
    else members.push(each);
  }
  for (const members of open.values()) totals.push(totalOfAll(members));
  return totals;
}

function tumblingFoldedByHand(readings: readonly Reading[]): SensorTotal[] {
  const totals: SensorTotal[] = [];
  let open = new Map<string, Sum>();
  let end = Number.NEGATIVE_INFINITY;
  const close = (): void => {
    for (const { sensor, count, sum } of open.values()) totals.push(totalOf(sensor, count, sum));
  };
  for (const each of readings) {
    if (each.at >= end) {
      close();
      open = new Map();
      end = (Math.floor(each.at / size) + 1) * size;
    }
    const acc = open.get(each.sensor);
    if (acc === undefined) {
      open.set(each.sensor, { sensor: each.sensor, count: 1, sum: each.value });
    } else {
      acc.count++;
      acc.sum += each.value;
    }
  }
  close();
  return totals;
}

function sessionsByHand(readings: readonly Reading[]): SensorTotal[] {
  const totals: SensorTotal[] = [];
  const open = new Map<string, { last: number; members: Reading[] }>();
  for (const each of readings) {
    const session = open.get(each.sensor);
    if (session === undefined) {
      open.set(each.sensor, { last: each.at, members: [each] });
      continue;
    }
    if (each.at - session.last > gap) {
      totals.push(totalOfAll(session.members));
      session.members = [];
    }
    session.members.push(each);
    session.last = each.at;
  }
  for (const { members } of open.values()) totals.push(totalOfAll(members));
  return totals;
}

function sessionsFoldedByHand(readings: readonly Reading[]): SensorTotal[] {
  const totals: SensorTotal[] = [];
  const open = new Map<string, Sum & { last: number }>();
  for (const each of readings) {
    const session = open.get(each.sensor);
    if (session === undefined) {
      open.set(each.sensor, { sensor: each.sensor, last: each.at, count: 1, sum: each.value });
      continue;
    }
    if (each.at - session.last > gap) {
      totals.push(totalOf(session.sensor, session.count, session.sum));
      session.count = 0;
      session.sum = 0;
    }
    session.count++;
    session.sum += each.value;
    session.last = each.at;
  }
  for (const { sensor, count, sum } of open.values()) totals.push(totalOf(sensor, count, sum));
  return totals;
}
