import type { CallsAnswer } from '../../lib/mill/lane/answer.js';
import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import type { KeySource } from '../../lib/mill/lane/lane-spec.js';
import { makeLane } from '../../lib/mill/lane/make-lane.js';
import type { LaneVector } from '../../lib/mill/resume/lane-vector.js';
import type { TestNode, TestOrder, TestWindow } from '../oracle/tree.js';
import { laneSpec } from './harness.js';
import { edge, equally, master } from './script.js';

interface Timed {
  readonly t: number;
  readonly id: number;
}

const slack: TestOrder = { policy: 'slack', slack: 3, by: 't' };
const slide: TestWindow = { type: 'sliding', key: 't', size: 5 };
const alone: TestWindow = { type: 'session', key: 't', gap: 0 };
const pairs: TestWindow = { type: 'count', size: 2, every: 2 };
const hop: TestWindow = { type: 'hopping', key: 't', size: 100, every: 1, offset: 0 };

const single: [name: string, root: TestNode][] = [
  ['elements', master()],
  ['windows', master([], { window: slide })],
  ['elements under slack', master([], { order: slack })],
  ['windows under slack', master([], { order: slack, window: slide })],
];
const several: [name: string, root: TestNode][] = [...single, ['joined', master([edge('inner', equally)])]];

function stream(count: number): Timed[] {
  return Array.from({ length: count }, (_, id) => ({ t: id, id }));
}

/** A lane with all elements of its streams, the same for each. */
function fed(root: TestNode, elements: readonly Timed[], vector?: LaneVector): LaneMachine {
  const lane = makeLane(laneSpec(root).spec, vector);
  for (const { index } of lane.nodes) {
    const from = vector?.nodes[index]?.from ?? 0;
    lane.feed(index, elements.slice(from), from);
    lane.end(index);
  }
  return lane;
}

function nextCalls(lane: LaneMachine): CallsAnswer {
  const answer = lane.next();
  if (answer.what !== 'calls') throw new Error(`calls were expected, not ${answer.what}`);
  return answer;
}

function shown(answer: CallsAnswer): string[] {
  const elementsOf = (call: number): readonly object[] =>
    'windows' in answer ? answer.windows[call]!.elements : [answer.elements[answer.start + call]!];
  return Array.from({ length: answer.count }, (_, call) =>
    elementsOf(call)
      .map((element) => (element as Timed).id)
      .join(),
  );
}

/** Returns the output of the lane, one array per answer. */
function answers(lane: LaneMachine): string[][] {
  const given: string[][] = [];
  for (let answer = lane.next(); answer.what === 'calls'; answer = lane.next()) {
    given.push(shown(answer));
    answer.done = answer.count;
  }
  return given;
}

describe('several calls of one stream', () => {
  it('are those of a hand-written loop, however many windows overlap', () => {
    const elements = stream(250);
    const want = Array.from({ length: 250 + 99 }, (_, i) =>
      elements
        .map(({ id }) => id)
        .filter((id) => id > i - 100 && id <= i)
        .join(),
    );
    expect(answers(fed(master([], { window: hop }), elements)).flat()).toEqual(want);
    expect(answers(fed(master([], { window: hop, order: slack }), elements)).flat()).toEqual(want);
  });

  it('are all windows that one element closes, also under slack', () => {
    const elements = [...stream(3), { t: 1000, id: 1000 }];
    const inAll = new Array(98).fill('0,1,2');
    const want = ['0', '0,1', ...inAll, '1,2', '2', ...new Array(100).fill('1000')];
    for (const order of [{ policy: 'fail' }, slack] as const) {
      const lane = makeLane(laneSpec(master([], { window: hop, order })).spec);
      lane.feed(0, elements, 0);
      const before = answers(lane).flat();
      expect(before).toHaveLength(102);
      lane.end(0);
      expect([...before, ...answers(lane).flat()]).toEqual(want);
    }
  });

  it.each(single)('are all those of batches that were there before the end: %s', (_, root) => {
    const elements = stream(30);
    const whole = answers(fed(root, elements)).flat();
    const lane = makeLane(laneSpec(root).spec);
    for (const from of [0, 10, 20]) lane.feed(0, elements.slice(from, from + 10), from);
    lane.end(0);
    expect(answers(lane).flat()).toEqual(whole);
    expect(whole.length).toBeGreaterThanOrEqual(30);
  });

  it('are few if their windows are large: no more is held than a batch, or a window', () => {
    const count: TestWindow = { type: 'count', size: 600, every: 600 };
    const given = answers(fed(master([], { window: count }), stream(5000)));
    expect(given.map(({ length }) => length)).toEqual([2, 2, 2, 2, 1]);
  });

  it.each([
    ...single,
    ['pairs', master([], { window: pairs })],
    ['sessions', master([], { window: alone })],
    ['pairs under slack', master([], { order: slack, window: pairs })],
    ['batches under slack', master([], { order: slack, window: { type: 'batch', size: 2, timeoutMs: 1 } })],
  ])('leave a vector before and after each of them from which the rest follows: %s', (_, root) => {
    const isOrdered = root.order.policy === 'fail';
    // Under slack one element comes before two equal ones that belong before it: 0, 2, 1, 1, 4, 6, 5, 5, …
    const elements = stream(160).map(({ id }) => ({
      id,
      t: isOrdered ? id : id - (id % 4) + ([0, 2, 1, 1][id % 4] ?? 0),
    }));
    const all = answers(fed(root, elements)).flat();
    expect(all.length).toBeGreaterThanOrEqual(80);
    const lane = fed(root, elements);
    for (let made = 0; made < all.length; ) {
      const answer = nextCalls(lane);
      for (; ; answer.done++, made++) {
        const vector = JSON.parse(JSON.stringify(lane.vector()));
        expect(answers(fed(root, elements, vector)).flat()).toEqual(all.slice(made));
        if (answer.done === answer.count) break;
      }
    }
  });

  it('come before the failure of a later key, which then comes every time', () => {
    const key: KeySource = {
      evaluate: ({ t }: Timed) => {
        if (t === 5) throw new Error('no key');
        return t;
      },
      toString: () => 'key',
    };
    const { spec } = laneSpec(master([], { window: { type: 'session', key: 't', gap: 0 } }));
    const lane = makeLane({ ...spec, window: { type: 'session', key, gap: 0 } as any });
    lane.feed(0, stream(10), 0);
    const answer = nextCalls(lane);
    expect(shown(answer)).toEqual(['0', '1', '2', '3']);
    answer.done = answer.count;
    expect(() => lane.next()).toThrow('M at position 5: the key key could not be computed: no key');
    expect(() => lane.next()).toThrow('M at position 5');
    expect(lane.vector().nodes[0]?.from).toBe(4);
  });
});

describe.each(several)('an answer with several calls: %s', (_, root) => {
  const most = 64;

  it('has no more of them than the limit of the lane', () => {
    const sizes = (limits: number[]): number => {
      const lane = fed(root, stream(200));
      for (const limit of limits) lane.limit(limit);
      const given = answers(lane);
      expect(given.flat()).toHaveLength(200);
      return Math.max(...given.map(({ length }) => length));
    };
    expect(sizes([])).toBe(most);
    expect(sizes([3])).toBe(3);
    expect(sizes([3, 10])).toBe(3);
    expect(sizes([1000])).toBe(most);
  });

  it('does not report an end that the lane has seen if it is stopped among them or after them', () => {
    for (const done of [0, 1, 3]) {
      const lane = fed(root, stream(3));
      nextCalls(lane).done = done;
      lane.stop('process');
      expect(lane.next()).toEqual({ what: 'done', because: undefined });
      expect(lane.vector().ended).toBe('process');
    }
  });

  it('ends by its master, and reports it', () => {
    const lane = fed(root, stream(3));
    answers(lane);
    expect(lane.next()).toEqual({ what: 'done', because: 0 });
    expect(lane.vector().ended).toBe('master');
  });

  it('passes over its elements as their calls are made', () => {
    const lane = makeLane(laneSpec(root).spec);
    for (const { index } of lane.nodes) lane.feed(index, stream(20), 0);
    expect(lane.passedBelow(0)).toBe(0);
    for (let made = 0; made < 10; ) {
      const answer = nextCalls(lane);
      for (; answer.done < answer.count; answer.done++, made++) {
        expect(lane.passedBelow(0)).toBeLessThanOrEqual(made);
      }
    }
    for (const { index } of lane.nodes) lane.end(index);
    answers(lane);
    expect(lane.passedBelow(0)).toBe(Number.POSITIVE_INFINITY);
  });
});
