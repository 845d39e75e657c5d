import 'reflect-metadata';
import { Field, MemoryMessageBroker, Message, message, WaterMill } from 'watermill';
import { flow, hopping, session, sliding, tumbling } from 'watermill/flow';

@Message()
class Step {
  @Field() n!: number;
}

@Message()
class Out {
  @Field() text!: string;
}

@Message()
class Side {
  @Field() n!: number;
}

@Message()
class Sum {
  @Field() sum!: number;
  @Field(() => [Number]) parts!: number[];
}

const count = 8;
const show = (value: unknown): Out => message(Out, { text: JSON.stringify(value) });

/** The results of a flow over the numbers from 0, whose types the steps of these tests do not need. */
async function results(make: (steps: any) => any): Promise<{ out: string[]; side: number[] }> {
  const steps = Array.from({ length: count }, (_, n) => message(Step, { n }));
  const broker = new MemoryMessageBroker([[Step, steps]]);
  await new WaterMill({ process: make(flow(Step, { onError: 'skip' })), broker }).run();
  return { out: broker.written(Out).map(({ text }) => text), side: broker.written(Side).map(({ n }) => n) };
}

const at = ({ n }: { n: number }): number => n;
const windows = {
  tumbling: tumbling({ size: 4 }),
  hopping: hopping({ size: 4, every: 2 }),
  sliding: sliding({ size: 3 }),
  session: session({ gap: 1 }),
};
const adding = {
  initial: () => ({ sum: 0, parts: [] as number[] }),
  add: (state: Sum, { n }: Step) => ({ sum: state.sum + n, parts: [...state.parts, n] }),
};

/** Steps that hold values from one call to the next. */
const holding: [name: string, add: (keyed: any) => any][] = [
  ['batch', (keyed) => keyed.batch('list', { size: 3 })],
  ...Object.entries(windows).flatMap(([name, window]): [string, (keyed: any) => any][] => [
    [`collectWindow, ${name}`, (keyed) => keyed.collectWindow('windows', { window, at })],
    [`collectWindow, ${name}, waiting`, (keyed) => keyed.collectWindow('windows', { window, at, wait: 2 })],
    [`foldWindow, ${name}, waiting`, (keyed) => keyed.foldWindow('windows', Sum, { window, at, wait: 2, ...adding })],
  ]),
];

describe('a value that a step holds', () => {
  it.each(holding)('%s: stays as it was, also if one object is reused for all values', async (_, hold) => {
    const reused = { n: -1 };
    const make = (value: (step: Step) => object) => (steps: any) =>
      hold(steps.map(value).keyBy(() => 'all'))
        .map(show)
        .to(Out);
    const expected = await results(make(({ n }) => ({ n })));
    expect(expected.out.length).toBeGreaterThan(0);
    expect(await results(make((step) => Object.assign(reused, step)))).toEqual(expected);
  });

  it('is another object in each of the windows that overlap', async () => {
    const { out } = await results((steps) =>
      steps
        .map(({ n }: Step) => ({ n }))
        .keyBy(() => 'all')
        .collectWindow('windows', { window: windows.hopping, at })
        .map(({ value }: { value: { n: number }[] }) => {
          const text = show(value.map(({ n }) => n));
          for (const each of value) each.n = -1;
          return text;
        })
        .to(Out),
    );
    expect(out).toEqual(['[0,1]', '[0,1,2,3]', '[2,3,4,5]', '[4,5,6,7]', '[6,7]']);
  });

  it('has the class of its elements, even if another class has the same name', async () => {
    const other = { Step: class {} }.Step as new () => Step;
    Field(() => Number)(other.prototype, 'n');
    Message()(other);
    const { out } = await results((steps) =>
      steps
        .map(({ n }: Step) => ({ both: [message(n % 2 === 0 ? Step : other, { n }), message(Step, { n })] }))
        .keyBy(() => 'all')
        .batch('list', { size: 2 })
        .map((list: { both: Step[] }[]) => list.flatMap(({ both }) => both.map((each) => each.constructor === Step)))
        .map(show)
        .to(Out),
    );
    expect(out).toEqual(Array.from({ length: count / 2 }, () => '[true,true,false,true]'));
  });
});

describe('a state', () => {
  const inPlace = (state: Sum, { n }: Step): Sum => {
    state.sum += n;
    if (Object.isFrozen(state.parts)) state.parts = [...state.parts, n];
    else state.parts.push(n);
    return state;
  };
  const states: [name: string, add: (keyed: any, initial: () => object) => any][] = [
    [
      'statefulMap',
      (keyed, initial) =>
        keyed.statefulMap('sums', Sum, {
          initial,
          next: (state: Sum, step: Step) => [inPlace(state, step), JSON.stringify(state)],
        }),
    ],
    ...Object.entries(windows).map(([name, window]): [string, (keyed: any, initial: () => object) => any] => [
      `foldWindow, ${name}`,
      (keyed, initial) => keyed.foldWindow('sums', Sum, { window, at, initial, add: inPlace }),
    ]),
  ];

  it.each(states)(
    '%s: belongs to its key, even if initial always returns one object, which is changed',
    async (_, add) => {
      const fields = (): object => ({ sum: 0, parts: [] });
      const make = (initial: () => object) => (steps: any) =>
        add(
          steps.keyBy(({ n }: Step) => n % 2),
          initial,
        )
          .map(show)
          .to(Out);
      const expected = await results(make(fields));
      const [oneObject, oneElement] = [fields(), message(Sum, { sum: 0, parts: [] })];
      expect(await results(make(() => oneObject))).toEqual(expected);
      expect(await results(make(() => oneElement))).toEqual(expected);
    },
  );

  it('is as add returned it, even if it always returns one object', async () => {
    const make = (sum: (given: Sum) => Sum) => (steps: any) =>
      steps
        .keyBy(({ n }: Step) => n % 2)
        .foldWindow('sums', Sum, {
          ...adding,
          window: windows.tumbling,
          at,
          add: (...given: [Sum, Step]) => sum(adding.add(...given)),
        })
        .map(show)
        .to(Out);
    const one = message(Sum, { sum: 0, parts: [] });
    expect(await results(make((given) => Object.assign(one, given)))).toEqual(await results(make((given) => given)));
  });
});

describe('a key that is a Date or a tuple', () => {
  const change = (key: Date | [number, Date] | undefined): void => {
    const date = Array.isArray(key) ? key[1] : key;
    date?.setTime(7);
    if (Array.isArray(key)) key[0] = 7;
  };
  const steps: [name: string, add: (keyed: any, seen: (key: any) => void) => any][] = [
    [
      'statefulMap',
      (keyed, seen) =>
        keyed.statefulMap('sums', Sum, {
          initial: (key: any) => {
            seen(key);
            return adding.initial();
          },
          next: (state: Sum, step: Step, key: any) => {
            seen(key);
            const next = adding.add(state, step);
            return [next, next];
          },
        }),
    ],
    [
      'reduce',
      (keyed, seen) =>
        keyed.reduce('sums', Sum, {
          first: (step: Step, key: any) => {
            seen(key);
            return adding.add(adding.initial(), step);
          },
          add: (state: Sum, step: Step, key: any) => {
            seen(key);
            return adding.add(state, step);
          },
          complete: ({ parts }: Sum, key: any) => {
            seen(key);
            return parts.length === 2;
          },
        }),
    ],
    ...Object.entries(windows).map(([name, window]): [string, (keyed: any, seen: (key: any) => void) => any] => [
      `foldWindow, ${name}`,
      (keyed, seen) =>
        keyed
          .foldWindow('sums', Sum, {
            window,
            at,
            initial: (key: any) => {
              seen(key);
              return adding.initial();
            },
            add: (state: Sum, step: Step, key: any) => {
              seen(key);
              return adding.add(state, step);
            },
          })
          .map((result: { key: any }) => {
            const text = JSON.stringify(result);
            seen(result.key);
            return text;
          }),
    ]),
  ];

  it.each(steps)('%s: may be changed by the functions that get it', async (_, add) => {
    for (const keyOf of [({ n }: Step) => new Date(n % 2), ({ n }: Step) => [n % 2, new Date(n % 3)]]) {
      const make = (seen: (key: any) => void) => (unkeyed: any) => add(unkeyed.keyBy(keyOf), seen).map(show).to(Out);
      const expected = await results(make(() => {}));
      expect(expected.out.length).toBeGreaterThan(1);
      expect(await results(make(change))).toEqual(expected);
    }
  });

  it('is not changed with the value that it is a part of', async () => {
    const make = (changed: (day: Date) => void) => (unkeyed: any) =>
      unkeyed
        .map(({ n }: Step) => ({ n, day: new Date(n % 2) }))
        .keyBy(({ day }: { day: Date }) => day)
        .statefulMap('sums', Sum, {
          initial: adding.initial,
          next: (state: Sum, step: Step & { day: Date }) => {
            changed(step.day);
            const next = adding.add(state, step);
            return [next, next];
          },
        })
        .map(show)
        .to(Out);
    expect(await results(make((day) => day.setTime(7)))).toEqual(await results(make(() => {})));
  });
});

describe('a result of a flow', () => {
  const numbers = ({ n }: Step): number[] => [n, n + 0.5];
  const expected = Array.from({ length: count }, (_, n) => [`${n}`, `${n + 0.5}`]).flat();
  const out = message(Out, { text: '' });
  const side = message(Side, { n: 0 });
  const reused = (n: number): Out => Object.assign(out, { text: `${n}` });

  it.each<[name: string, make: (steps: any) => any]>([
    ['flatMap', (steps) => steps.flatMap(numbers).map(reused)],
    ['an async flatMap', (steps) => steps.flatMap(async (step: Step) => numbers(step)).map(reused)],
    [
      'a generator',
      (steps) =>
        steps.flatMap(function* (step: Step) {
          for (const n of numbers(step)) yield reused(n);
        }),
    ],
  ])('is as it was returned, even if one object is reused for all of a call: %s', async (_, make) => {
    expect((await results((steps) => make(steps).to(Out))).out).toEqual(expected);
  });

  it('is as it was returned, also those of a tee', async () => {
    const written = await results((steps) =>
      steps
        .flatMap(numbers)
        .tee(Side, (n: number) => Object.assign(side, { n }))
        .map((n: number) => {
          side.n = -1;
          return reused(n);
        })
        .to(Out),
    );
    expect(written).toEqual({ out: expected, side: expected.map(Number) });
  });

  it('is passed on by through as another element, as if it was read from its stream', async () => {
    const kept = message(Side, { n: 0 });
    const next = (): Side => {
      kept.n += 1;
      return kept;
    };
    const written = await results((steps) =>
      steps
        .map(next)
        .through(Side, ({ n }: Side) => n)
        .map((passed: Side) => {
          passed.n += 100;
          return show(passed.n);
        })
        .to(Out),
    );
    const times = Array.from({ length: count }, (_, i) => i + 1);
    expect(written).toEqual({ out: times.map((n) => `${n + 100}`), side: times });
  });

  it('is as it was returned, also at the end of the stream', async () => {
    const written = await results((steps) =>
      steps
        .keyBy(({ n }: Step) => n)
        .reduce('open', Sum, {
          first: ({ n }: Step) => ({ sum: n, parts: [] }),
          add: (state: Sum) => state,
          complete: () => false,
          atEnd: 'emit',
        })
        .map(({ sum }: Sum) => reused(sum))
        .to(Out),
    );
    expect(written.out).toEqual(Array.from({ length: count }, (_, n) => `${n}`));
  });
});
