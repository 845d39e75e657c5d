import { AssignerProtocol, type Cluster } from 'kafkajs';
import { lanesAssigner } from '../../lib/brokers/kafka/kafkajs/assigner.js';
import { range } from '../mill/support/model.js';

const partitions = 4;
const cluster = { findTopicPartitionMetadata: () => range(partitions) } as unknown as Cluster;
const assignerOf = (plan: string, held: readonly number[] = []) =>
  lanesAssigner(plan, () => held)({ cluster } as Parameters<ReturnType<typeof lanesAssigner>>[0]);

type Member = readonly [plan: string, topics: readonly string[], held: readonly number[]];

/** The assignments of the members, by a leader with this plan and these topics. */
async function assigned(plan: string, topics: string[], members: readonly Member[]): Promise<unknown[]> {
  const joined = members.map(([own, read, held], i) => {
    const { metadata } = assignerOf(own, held).protocol({ topics: [...read] });
    return { memberId: `m${i}`, memberMetadata: metadata };
  });
  const found = await assignerOf(plan).assign({ members: joined, topics });
  return found.map(({ memberAssignment }) => AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment);
}

describe('the leader of a Kafka group', () => {
  it('assigns lanes to the members of its mill, and no topic to those of another one', async () => {
    const members: Member[] = [
      ['p', ['a', 'b'], []],
      ['p', ['b', 'a'], []],
      ['q', ['a', 'b'], []],
      ['p', ['a'], []],
      ['p', ['a', 'c'], []],
    ];
    const [first, second, ...others] = await assigned('p', ['a', 'b'], members);
    expect(first).toEqual({ a: [0, 2], b: [0, 2] });
    expect(second).toEqual({ a: [1, 3], b: [1, 3] });
    expect(others).toEqual([{}, {}, {}]);
  });

  it('refuses members that hold lanes of another mill if its own holds some', async () => {
    const members: Member[] = [
      ['p', ['a'], [0]],
      ['q', ['a'], [1]],
    ];
    expect(await assigned('p', ['a'], members)).toEqual([{ a: [0, 1, 2, 3] }, {}]);
  });

  it('refuses its own mill if another one is running, which keeps its lanes', async () => {
    const members: Member[] = [
      ['p', ['a'], []],
      ['q', ['b'], [0, 2]],
      ['q', ['b'], [1]],
      ['q', ['b'], []],
      ['q', ['a', 'b'], []],
      ['p', ['a'], []],
    ];
    expect(await assigned('p', ['a'], members)).toEqual([{}, { b: [0, 2] }, { b: [1] }, { b: [] }, {}, {}]);
  });
});
