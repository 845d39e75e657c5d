import { equal } from '../../lib/joins/matching/equal.js';
import type { ElementCalls } from '../../lib/mill/lane/answer.js';
import type { LaneMachine } from '../../lib/mill/lane/lane-machine.js';
import type { KeySource, LaneSpec } from '../../lib/mill/lane/lane-spec.js';
import { makeLane } from '../../lib/mill/lane/make-lane.js';
import type { LaneVector } from '../../lib/mill/resume/lane-vector.js';
import { laneSpec } from './harness.js';
import { edge, equally, master, within } from './script.js';

interface Timed {
  readonly t: number;
  readonly id: number;
}

const byTime: KeySource = { evaluate: (element: Timed) => element.t, toString: () => 't' };

function spec(left: KeySource = byTime): LaneSpec {
  const edge = { child: 1, kind: 'inner', matching: equal, left, right: byTime, on: [], unmatched: false } as const;
  return {
    nodes: [
      { name: 'M', edges: [edge], order: { policy: 'fail' } },
      { name: 'C', edges: [], order: { policy: 'fail' } },
    ],
    window: undefined,
  };
}

function stream(count: number, timeOf: (index: number) => number): Timed[] {
  return Array.from({ length: count }, (_, id) => ({ t: timeOf(id), id }));
}

/** A lane with all elements of both streams. */
function fed(
  masters: readonly Timed[],
  children: readonly Timed[],
  of: LaneSpec = spec(),
  from?: LaneVector,
): LaneMachine {
  const lane = makeLane(of, from);
  const [first, second] = [from?.nodes[0]?.from ?? 0, from?.nodes[1]?.from ?? 0];
  lane.feed(0, masters.slice(first), first);
  lane.feed(1, children.slice(second), second);
  lane.end(0);
  lane.end(1);
  return lane;
}

function nextCalls(lane: LaneMachine): ElementCalls {
  const answer = lane.next();
  if (answer.what !== 'calls' || 'windows' in answer)
    throw new Error(`calls for elements were expected, not ${answer.what}`);
  return answer;
}

function shown(answer: ElementCalls): string[] {
  const groups = answer.groups[0] as readonly (readonly Timed[])[];
  return groups.slice(0, answer.count).map((group, call) => `${answer.positionOf(call)}: ${group.map(({ id }) => id)}`);
}

function rest(lane: LaneMachine): string[] {
  const given: string[] = [];
  for (let answer = lane.next(); answer.what !== 'done'; answer = lane.next()) {
    if (answer.what !== 'calls' || 'windows' in answer)
      throw new Error(`calls for elements were expected, not ${answer.what}`);
    given.push(...shown(answer));
    answer.done = answer.count;
  }
  return given;
}

function byHand(masters: readonly Timed[], children: readonly Timed[]): string[] {
  return masters.flatMap(({ t, id }) => {
    const group = children.filter((child) => child.t === t).map((child) => child.id);
    return group.length === 0 ? [] : [`${id}: ${group}`];
  });
}

describe('several calls in one answer', () => {
  const masters = stream(1500, (i) => Math.floor(i / 3) * 2);
  const children = stream(1500, (i) => Math.floor((i * 3) / 4));

  it('are those of a hand-written loop, over long batches', () => {
    expect(rest(fed(masters, children))).toEqual(byHand(masters, children));
  });

  it('are few if their groups are large: no more is held than a call needs', () => {
    const lane = fed(
      stream(50, (i) => i),
      stream(5000, (i) => Math.floor(i / 100)),
    );
    const counts: number[] = [];
    for (let answer = lane.next(); answer.what === 'calls'; answer = lane.next()) {
      counts.push(answer.count);
      answer.done = answer.count;
    }
    expect(counts).toEqual(new Array(25).fill(2));
  });

  it('leave a vector after each of them from which the rest follows', () => {
    const all = byHand(masters, children);
    const lane = fed(masters, children);
    for (let made = 0; made < 300; ) {
      const answer = nextCalls(lane);
      for (; answer.done < answer.count; made++) {
        answer.done++;
        if (made % 7 > 0) continue;
        const vector = JSON.parse(JSON.stringify(lane.vector()));
        expect(rest(fed(masters, children, spec(), vector))).toEqual(all.slice(made + 1));
      }
    }
  });

  it('leave a vector with the highest keys, wherever in a batch they are, also in parts of one array', () => {
    const elements = stream(1200, (i) => i);
    for (const size of [1200, 300]) {
      const lane = makeLane(spec());
      lane.limit(1);
      for (let from = 0; from < elements.length; from += size) {
        for (const node of [0, 1]) lane.feed(node, elements, 0, undefined, from, from + size);
        for (let answer = lane.next(); answer.what === 'calls'; answer = lane.next()) {
          answer.done = answer.count;
          for (const node of lane.vector().nodes) expect([node.from - 1, node.from]).toContain(node.high[0]);
        }
      }
    }
  });

  it('include a child that begins within an array and was not looked at yet', () => {
    const times = [0, 1, 2, 3, 4];
    const tree = laneSpec(master([edge('inner', within(0, 1), 'C', { on: true })])).spec;
    const lane = makeLane(tree);
    lane.feed(
      1,
      times.map((t) => ({ t, id: t, a: 1 })),
      0,
      undefined,
      2,
    );
    lane.feed(
      0,
      times.map((t) => ({ t, id: t, a: t === 2 ? null : 1 })),
      0,
      undefined,
      2,
    );
    for (const node of [0, 1]) lane.end(node);
    expect(rest(lane)).toEqual(['3: 3,4', '4: 4']);
  });

  it('come again with all later ones if the first of an answer was undone', () => {
    const all = byHand(masters, children);
    for (let answers = 0; answers < 5; answers++) {
      const lane = fed(masters, children);
      let made = 0;
      for (let i = 0; i < answers; i++) {
        const answer = nextCalls(lane);
        answer.done = answer.count;
        made += answer.count;
      }
      nextCalls(lane).done = 1;
      lane.retract();
      const vector = JSON.parse(JSON.stringify(lane.vector()));
      expect(rest(fed(masters, children, spec(), vector))).toEqual(all.slice(made));
    }
  });

  it('come before the failure of a later key, which then comes every time', () => {
    const left: KeySource = {
      evaluate: ({ t, id }: Timed) => {
        if (id === 5) throw new Error('no key');
        return t;
      },
      toString: () => 'left',
    };
    const lane = fed(
      stream(10, (i) => i),
      stream(10, (i) => i),
      spec(left),
    );
    const answer = nextCalls(lane);
    expect(shown(answer)).toEqual(['0: 0', '1: 1', '2: 2', '3: 3', '4: 4']);
    answer.done = answer.count;
    expect(() => lane.next()).toThrow('M at position 5: the key left could not be computed: no key');
    expect(() => lane.next()).toThrow('M at position 5');
    expect(lane.vector().nodes[0]?.from).toBe(5);
  });

  it('come before a later violation', () => {
    const lane = fed(
      stream(4, (i) => (i === 2 ? -1 : i)),
      stream(4, (i) => i),
    );
    const answer = nextCalls(lane);
    expect(answer.count).toBe(2);
    answer.done = answer.count;
    expect(lane.next()).toMatchObject({ what: 'violation', node: 0, position: 2, key: -1, before: 1 });
  });

  it('do not report an end that the lane has seen before they are made', () => {
    const elements = stream(3, (i) => i);
    const lane = fed(elements, elements);
    const answer = nextCalls(lane);
    expect(answer.count).toBe(3);
    answer.done = 1;
    const vector = JSON.parse(JSON.stringify(lane.vector()));
    expect(vector.ended).toBeUndefined();
    expect(rest(fed(elements, elements, spec(), vector))).toEqual(['1: 1', '2: 2']);
    lane.stop('process');
    expect(lane.vector()).toMatchObject({ ended: 'process', done: { window: [{}, 0] } });
    expect(lane.next()).toEqual({ what: 'done', because: undefined });
  });
});

describe.each(['inner', 'left', 'semi', 'anti'] as const)('the first key of a child, %s', (kind) => {
  it('are the same after a restart, also if the master knows that keys are numbers', () => {
    const { spec } = laneSpec(master([edge(kind, equally)]));
    const masters = stream(2, (i) => i);
    const children = [{ t: Number.NEGATIVE_INFINITY, id: 0 }, ...stream(2, (i) => i)];
    const lane = makeLane(spec);
    lane.feed(0, masters, 0);
    expect(lane.next()).toEqual({ what: 'need', nodes: [1] });
    const again = makeLane(spec, JSON.parse(JSON.stringify(lane.vector())));
    again.feed(0, masters, 0);
    for (const each of [lane, again]) {
      each.feed(1, children, 0);
      expect(each.next()).toMatchObject({ what: 'violation', node: 1, position: 0, problem: 'invalid' });
    }
  });
});

describe.each([
  [[[0, 1, 3, 2, 10]]],
  [
    [
      [0, 1, 3],
      [2, 10],
    ],
  ],
])('children that no master needs, fed as %j', (batches) => {
  it.each(['inner', 'left', 'semi', 'anti'] as const)('must be in order, too: %s', (kind) => {
    const lane = makeLane(laneSpec(master([edge(kind, equally)])).spec);
    lane.feed(
      0,
      stream(3, (i) => i * 10),
      0,
    );
    let position = 0;
    for (const keys of batches) {
      lane.feed(
        1,
        stream(keys.length, (i) => keys[i] as number),
        position,
      );
      position += keys.length;
    }
    let answer = lane.next();
    for (; answer.what === 'calls'; answer = lane.next()) answer.done = answer.count;
    expect(answer).toMatchObject({ what: 'violation', node: 1, position: 3, before: 3, key: 2 });
  });
});
