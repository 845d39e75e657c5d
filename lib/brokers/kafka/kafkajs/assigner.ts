import type { Assigner, GroupMember, MemberAssignment, PartitionAssigner } from 'kafkajs';
import { assignLanes, type LaneHolder } from '../../partitions/assign-lanes.js';
import { kafkajs } from './package.js';

const name = 'watermill-lanes';
const version = 1;

/** What a member tells the group leader. */
interface MemberReport {
  /** The fingerprint of its plan. */
  readonly plan: string;
  /** The lanes that it holds. */
  readonly held: readonly number[];
}

/** The mill of a member: the plan and the topics. */
interface MemberMill {
  readonly plan: string;
  readonly topics: readonly string[];
}

interface ReportedMember extends LaneHolder, MemberMill {}

/**
 * Assigns the same partition of every topic to the same member, and reports this member to the group leader. Members of
 * another mill than the running one, which holds lanes, are assigned no topic at all, not even one without partitions.
 */
export function lanesAssigner(plan: string, held: () => readonly number[]): PartitionAssigner {
  return ({ cluster }): Assigner => ({
    name,
    version,
    async assign({ members, topics }) {
      const reported = members.map(reportedMember);
      const ours = reported.filter((member) => isOf(member, { plan, topics }));
      const running = ours.some(holdsLanes) ? undefined : reported.find(holdsLanes);
      const counts = topics.map((topic) => cluster.findTopicPartitionMetadata(topic).length);
      // The partitions of other topics are not known here, so the members of another mill keep the lanes that they hold.
      const lanes =
        running === undefined
          ? assignLanes(ours, Math.min(...counts))
          : new Map(reported.filter((member) => isOf(member, running)).map(({ id, holds }) => [id, [...holds]]));
      return reported.map(({ id, topics: own }) => {
        const partitions = lanes.get(id);
        const assignment = partitions === undefined ? {} : Object.fromEntries(own.map((topic) => [topic, partitions]));
        return { memberId: id, memberAssignment: encoded(assignment) };
      });
    },
    protocol({ topics }) {
      const userData = Buffer.from(JSON.stringify({ plan, held: held() } satisfies MemberReport));
      return { name, metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({ version, topics, userData }) };
    },
  });
}

function reportedMember({ memberId, memberMetadata }: GroupMember): ReportedMember {
  const decoded = kafkajs.AssignerProtocol.MemberMetadata.decode(memberMetadata);
  const { plan, held } = JSON.parse(String(decoded?.userData)) as MemberReport;
  return { id: memberId, plan, holds: held, topics: decoded?.topics ?? [] };
}

function holdsLanes({ holds }: ReportedMember): boolean {
  return holds.length > 0;
}

function isOf(member: ReportedMember, { plan, topics }: MemberMill): boolean {
  const sameTopics = member.topics.length === topics.length && topics.every((topic) => member.topics.includes(topic));
  return member.plan === plan && sameTopics;
}

function encoded(assignment: MemberAssignment['assignment']): Buffer {
  return kafkajs.AssignerProtocol.MemberAssignment.encode({ version, assignment, userData: Buffer.alloc(0) });
}
