import type { Assigner, PartitionAssigner } from 'kafkajs';
import { assignLanes } from '../../partitions/assign-lanes.js';
import { kafkajs } from './package.js';

const name = 'watermill-lanes';
const version = 1;

/**
 * Assigns the same partition of every topic to the same member, and reports the lanes that this member holds to the
 * group leader. A member that reads other topics than the leader belongs to another mill: it is assigned no topic at
 * all, not even one without partitions.
 */
export function lanesAssigner(held: () => readonly number[]): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name,
    version,
    async assign({ members, topics }) {
      const ours = members.filter(({ memberMetadata }) => readsAll(memberMetadata, topics));
      const holders = ours.map(({ memberId, memberMetadata }) => ({ id: memberId, holds: heldIn(memberMetadata) }));
      const counts = topics.map((topic) => cluster.findTopicPartitionMetadata(topic).length);
      const lanes = assignLanes(holders, Math.min(...counts));
      return members.map(({ memberId }) => {
        const own = lanes.get(memberId);
        const assignment = own === undefined ? {} : Object.fromEntries(topics.map((topic) => [topic, own]));
        const encoded = kafkajs.AssignerProtocol.MemberAssignment.encode({
          version,
          assignment,
          userData: Buffer.alloc(0),
        });
        return { memberId, memberAssignment: encoded };
      });
    },
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify(held()));
      return { name, metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version, topics, userData }) };
    },
  });
}

function readsAll(metadata: Buffer, topics: readonly string[]): boolean {
  const found = new Set(kafkajs.AssignerProtocol.MemberMetadata.decode(metadata)?.topics);
  return found.size === topics.length && topics.every((topic) => found.has(topic));
}

function heldIn(metadata: Buffer): number[] {
  const text = kafkajs.AssignerProtocol.MemberMetadata.decode(metadata)?.userData.toString();
  return text ? (JSON.parse(text) as number[]) : [];
}
