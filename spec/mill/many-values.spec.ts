import {
  Field,
  field,
  foldWindow,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  sessionWindow,
  tumblingWindow,
  WaterMill,
} from 'watermill';

@Message()
class Reading {
  @Field() at!: number;
  @Field() sensor!: string;
}

@Message()
class Stretch {
  @Field() sensor!: string;
  @Field() from!: number;
  @Field() to!: number;
  @Field() count!: number;
}

const at = field(Reading, 'at');
const by = field(Reading, 'sensor');
const size = 500;
const gap = 90;

/** The sensors of several thousand readings: in turn, with pauses, random, several in a row, others, in turn again. */
function sensors(): number[] {
  const found: number[] = [];
  const add = (count: number, sensorAt: (i: number) => number): void => {
    for (let i = 0; i < count; i++) found.push(sensorAt(i));
  };
  let seed = 1;
  const random = (): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    return seed / 0x7fffffff;
  };
  add(4000, (i) => (i * 7) % 60);
  add(4000, (i) => (Math.floor(i / 400) % 2 === 0 ? i % 60 : i % 31));
  add(8000, () => Math.floor(random() * 60));
  add(3000, (i) => 100 + Math.floor(i / 2));
  add(4000, (i) => 3000 + Math.floor(i / 20) * 2);
  add(30_000, (i) => (i * 11) % 60);
  return found;
}

const readings = sensors().map((sensor, i) => message(Reading, { at: i, sensor: `sensor ${sensor}` }));

/** Returns the stretches of readings of each sensor; another begins if a reading does not continue the previous one. */
function byHand(goesOn: (last: number, next: number) => boolean): string[] {
  const done: Stretch[] = [];
  const open = new Map<string, Stretch>();
  for (const { at, sensor } of readings) {
    const known = open.get(sensor);
    if (known !== undefined && goesOn(known.to, at)) {
      known.to = at;
      known.count++;
      continue;
    }
    const next = message(Stretch, { sensor, from: at, to: at, count: 1 });
    done.push(next);
    open.set(sensor, next);
  }
  return done.sort((a, b) => a.to - b.to).map(shown);
}

function shown({ sensor, from, to, count }: Stretch): string {
  return `${sensor}: ${count} from ${from} to ${to}`;
}

async function callsOf(process: any): Promise<string[]> {
  const broker = new MemoryMessageBroker([[Reading, readings]]);
  await new WaterMill({ process, broker }).run();
  return broker.written(Stretch).map(shown);
}

const kinds = [
  [
    'tumbling windows',
    tumblingWindow(Reading, at, { size, by }),
    (a, b) => Math.floor(a / size) === Math.floor(b / size),
  ],
  ['sessions', sessionWindow(Reading, at, { gap, by }), (a, b) => b - a <= gap],
] as const satisfies readonly (readonly [string, any, (last: number, next: number) => boolean])[];

describe.each(kinds)('%s of many values', (_name, source, goesOn) => {
  it('are those of each value, in any order of values', async () => {
    const process = processFunction(source, { emits: [Stretch] }, (own) => {
      const [first, last] = [own[0] as Reading, own.at(-1) as Reading];
      return message(Stretch, { sensor: first.sensor, from: first.at, to: last.at, count: own.length });
    });
    expect(await callsOf(process)).toEqual(byHand(goesOn));
  });

  it('are folded the same, too', async () => {
    const folded = foldWindow(source, {
      initial: (sensor) => ({ sensor, from: Number.NaN, to: 0, count: 0 }),
      add: (own, { at }) => ({
        sensor: own.sensor,
        from: own.count === 0 ? at : own.from,
        to: at,
        count: own.count + 1,
      }),
    });
    const process = processFunction(folded, { emits: [Stretch] }, (own) => message(Stretch, own));
    expect(await callsOf(process)).toEqual(byHand(goesOn));
  });
});
