import {
  Field,
  field,
  type Joined,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  message,
  processFunction,
  WaterMill,
} from 'watermill';
import { testMill } from 'watermill/testing';

/** Loads the classes of a module, as again after `jest.resetModules()`. */
function loaded() {
  @Message()
  class Reading {
    @Field() at!: number;
  }
  @Message()
  class Alarm {
    @Field() at!: number;
  }
  return { Reading, Alarm };
}

const [one, two] = [loaded(), loaded()];
const tree = joinStreams(
  one.Reading,
  joinWith(one.Alarm, { left: field(one.Reading, 'at'), right: field(one.Alarm, 'at') }),
);
const warn = processFunction(one.Reading, { emits: [one.Alarm] }, ({ at }) => message(one.Alarm, { at }));
const over = (options: object) =>
  new WaterMill({
    process: processFunction(tree, {}, () => {}),
    broker: new MemoryMessageBroker([
      [one.Reading, [{ at: 1 }]],
      [one.Alarm, [{ at: 1 }]],
    ]),
    ...options,
  });

describe('the error for another class with the same name says so, where the class belongs to', () => {
  it.each<[string, string, () => unknown]>([
    ['what a test pushes', 'Reading', () => testMill({ process: warn }).push(two.Reading, { at: 1 })],
    ['the stream that a test ends', 'Reading', () => testMill({ process: warn }).end(two.Reading)],
    ['the results that a test asks for', 'Alarm', () => testMill({ process: warn }).results(two.Alarm)],
    [
      'a result',
      'Alarm',
      () => {
        const process = processFunction(one.Reading, { emits: [one.Alarm] }, ({ at }) => message(two.Alarm, { at }));
        return testMill({ process }).push(one.Reading, { at: 1 });
      },
    ],
    ['a key', 'Reading', () => joinStreams(one.Reading, { ...tree.edges[0], left: field(two.Reading, 'at') } as never)],
    [
      'the right key of an edge',
      'Alarm',
      () => joinWith(one.Alarm, { left: field(one.Reading, 'at'), right: field(two.Alarm, 'at') }),
    ],
    ['an input', 'Reading', () => over({ inputs: [[two.Reading, {}]] })],
    [
      'the stream that another one lags behind',
      'Alarm',
      () => over({ inputs: [[one.Reading, { lag: { behind: two.Alarm, threshold: 1, onDown: () => {} } }]] }),
    ],
    ['an element that why explains', 'Reading', () => over({}).why(two.Reading as never, 0)],
    [
      'a parent',
      'Reading',
      () => {
        const ask = (_: object, alarms: Joined<object, object>): void => {
          alarms.of(message(two.Reading, { at: 1 }));
        };
        return over({ process: processFunction(tree, {}, ask) }).run();
      },
    ],
  ])('%s', async (_, name, act) => {
    const error = await (async () => act())().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ message: expect.stringContaining(`This is another class with the name ${name}: `) });
    expect((error as Error).message).toContain('loaded twice');
  });
});
