import {
  Field,
  field,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  processFunction,
  WaterMill,
} from 'watermill';

@Message()
class Line {
  @Field() mass!: number;
}

@Message()
class Peak {
  @Field() mass!: number;
}

const keys = { left: field(Line, 'mass'), right: field(Peak, 'mass') };
const equal = joinWith(Peak, keys);
const interval = joinWith(Peak, { ...keys, within: [-0.1, 2.3] });
const latest = joinWith(Peak, { ...keys, asOf: 'backward', tolerance: 5 });
type Matching = typeof equal.matching;

/** The groups of two lines among three peaks, with another matching. */
async function groupsWith(matching: Matching): Promise<number[][]> {
  const broker = new MemoryMessageBroker([
    [Line, [{ mass: 100 }, { mass: 1000 }]],
    [Peak, [{ mass: 99.5 }, { mass: 100 }, { mass: 998 }]],
  ]);
  const groups: number[][] = [];
  const tree = joinStreams(Line, { ...equal, kind: 'left', matching } as unknown as typeof equal);
  const process = processFunction(tree, {}, (line, peaks) => {
    groups.push(peaks.of(line).map(({ mass }) => mass));
  });
  await new WaterMill({ process, broker }).run();
  return groups;
}

describe('the law of a matching with a shape', () => {
  it.each<[string, Matching]>([
    ['equal keys', equal.matching],
    ['an interval, whose ends lose digits beside large keys', interval.matching],
    ['as-of with a tolerance', latest.matching],
    ['as-of without one', joinWith(Peak, { ...keys, asOf: 'backward' }).matching],
  ])('is kept by %s', async (_, matching) => {
    expect(await groupsWith(matching)).toHaveLength(2);
  });

  const millionths: Matching = {
    ...interval.matching,
    low: (left) => (Number.isFinite(left) ? Number(left) * 0.99 : left),
    high: (left) => (Number.isFinite(left) ? Number(left) * 1.01 : left),
  };

  it.each<[string, Matching, string]>([
    ['a band that grows with its key', millionths, 'low(1) is 0.99, not 1'],
    ['a high end that does', { ...interval.matching, high: millionths.high }, 'high(1) is 1.01, not 1'],
    ['an interval of which the last is picked', { ...interval.matching, pick: 'last' }, "it picks 'last'"],
    ['a key that matches its neighbours', { ...equal.matching, low: interval.matching.low }, 'low(1) is 0.9, not 1'],
    ['the latest, ahead of its key', { ...latest.matching, high: interval.matching.high }, 'high(1) is 3.3, not 1'],
    ['an endless one with an end', { ...latest.matching, endless: true }, 'low(1) is -4, not -Infinity'],
  ])('is violated by %s: the plan says so', async (_, matching, found) => {
    await expect(groupsWith(matching)).rejects.toMatchObject({
      code: 'WM_TREE',
      message: expect.stringContaining(
        `The edge from Line to Peak: the matching ${matching.name} cannot be used: its shape '${matching.shape}' says that `,
      ),
    });
    await expect(groupsWith(matching)).rejects.toThrow(found);
  });

  it('does not apply to a matching without a shape', async () => {
    const { shape: _, ...free } = millionths;
    expect(await groupsWith(free)).toEqual([[99.5, 100], [998]]);
  });
});
