import { assignLanes } from '../../../lib/brokers/partitions/assign-lanes.js';
import { range } from '../../mill/support/model.js';
import { Random } from '../../support/random.js';

describe('assigning lanes', () => {
  it('assigns a lane that must move to no member until its owner has released it', () => {
    const first = assignLanes(
      [
        { id: 'a', holds: [0, 1, 2, 3] },
        { id: 'b', holds: [] },
      ],
      4,
    );
    expect(Object.fromEntries(first)).toEqual({ a: [0, 1], b: [] });
    const half = assignLanes(
      [
        { id: 'a', holds: [0, 1, 3] },
        { id: 'b', holds: [] },
      ],
      4,
    );
    expect(Object.fromEntries(half)).toEqual({ a: [0, 1], b: [2] });
    const last = assignLanes(
      [
        { id: 'a', holds: [0, 1] },
        { id: 'b', holds: [2] },
      ],
      4,
    );
    expect(Object.fromEntries(last)).toEqual({ a: [0, 1], b: [2, 3] });
  });

  it('assigns the lanes of a member that has left immediately', () => {
    expect(Object.fromEntries(assignLanes([{ id: 'b', holds: [2, 3] }], 4))).toEqual({ b: [0, 1, 2, 3] });
  });

  it.each(range(30))(
    'comes to an even share with every lane at one member, whoever comes and goes (seed %i)',
    (seed) => {
      const random = new Random(seed);
      const lanes = 1 + random.int(12);
      let holds = new Map<string, number[]>();
      for (const change of range(20)) {
        if (holds.size > 1 && random.int(2) === 0) holds.delete([...holds.keys()][random.int(holds.size)] as string);
        else holds.set(`member ${change}`, []);
        // Every member stops its lost lanes, takes its new ones, and triggers another rebalance.
        for (const _ of range(3)) {
          const assigned = assignLanes(
            [...holds].map(([id, held]) => ({ id, holds: held })),
            lanes,
          );
          for (const [id, own] of assigned) {
            const others = [...holds].filter(([other]) => other !== id).flatMap(([, held]) => held);
            expect(own.filter((lane) => others.includes(lane))).toEqual([]);
          }
          holds = assigned;
        }
        const counts = [...holds.values()].map((held) => held.length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        expect([...holds.values()].flat().sort((a, b) => a - b)).toEqual(range(lanes));
      }
    },
  );
});
