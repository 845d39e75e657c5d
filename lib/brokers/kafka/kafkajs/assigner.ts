import type { Assigner, PartitionAssigner } from 'kafkajs';
import { assignLanes } from '../../partitions/assign-lanes.js';
import { kafkajs } from './package.js';

const name = 'watermill-lanes';
const version = 1;

/** What the group leader needs to know of a member. */
interface MemberReport {
  /** The fingerprint of its plan. */
  readonly plan: string;
  /** The lanes that it holds. */
  readonly held: readonly number[];
}

/**
 * Assigns the same partition of every topic to the same member, and reports this member to the group leader. A member
 * with another plan than the leader, or other topics, belongs to another mill: it is assigned no topic at all, not even
 * one without partitions.
 */
export function lanesAssigner(plan: string, held: () => readonly number[]): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name,
    version,
    async assign({ members, topics }) {
      const holders = members.flatMap(({ memberId, memberMetadata }) => {
        const found = reportIn(memberMetadata);
        const isOurs = found?.plan === plan && readsAll(memberMetadata, topics);
        return isOurs ? [{ id: memberId, holds: found.held }] : [];
      });
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
      const userData = Buffer.from(JSON.stringify({ plan, held: held() } satisfies MemberReport));
      return { name, metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version, topics, userData }) };
    },
  });
}

function readsAll(metadata: Buffer, topics: readonly string[]): boolean {
  const found = new Set(kafkajs.AssignerProtocol.MemberMetadata.decode(metadata)?.topics);
  return found.size === topics.length && topics.every((topic) => found.has(topic));
}

function reportIn(metadata: Buffer): MemberReport | undefined {
  const text = kafkajs.AssignerProtocol.MemberMetadata.decode(metadata)?.userData.toString();
  return text ? (JSON.parse(text) as MemberReport) : undefined;
}
