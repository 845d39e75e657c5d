import { inTurn } from '../../base/closers.js';
import { isAbort } from '../../base/is-abort.js';
import type { Json } from '../../base/json.js';
import type { Broker, BrokerLane, Connection, ConnectRequest, LaneName, LaneWriter, OutputRequest } from '../broker.js';
import { brokerError, whenWorking } from '../broker-failed.js';
import { type LaneMember, type Member, startOver } from './member.js';
import { severalLane } from './several-lane.js';
import { marksOf, type WriterName } from './several-marks.js';
import { SeveralWriter, type WriterMember } from './several-writer.js';

/** One run over several brokers. The lanes are those of the leader, which comes first. */
export class SeveralConnection implements Connection {
  private readonly leader: Member;
  /** The lanes of the other brokers, one each, from which every lane of the leader reads. */
  private others: Promise<readonly LaneMember[]> | undefined;
  private closing: Promise<void> | undefined;
  /** The lanes that continue from a commit. */
  private readonly continued = new Set<LaneName>();
  /** The lanes of the leader, as they were assigned last. */
  private readonly assigned = new Map<LaneName, BrokerLane>();

  constructor(
    private readonly members: readonly Member[],
    private readonly request: ConnectRequest,
    /** The leader keeps progress. */
    private readonly remembers: boolean,
  ) {
    this.leader = members[0] as Member;
  }

  get runsUserCode(): boolean {
    return this.members.some(({ connection }) => connection.runsUserCode === true);
  }

  get laneCount(): number {
    return this.leader.connection.laneCount ?? 1;
  }

  async *lanes(): AsyncIterable<BrokerLane> {
    for await (const lane of this.leader.connection.lanes()) {
      this.others ??= this.lanesOfOthers();
      const others = await this.others;
      // With several lanes, none of them knows what the others still need.
      const isOnly = this.laneCount === 1;
      // The state of the other brokers is useless without the leader's commit, which was lost or never made.
      if (isOnly && this.remembers && lane.committed === undefined) {
        for (const other of others) await startOver(other);
      }
      if (lane.committed === undefined) this.continued.delete(lane.name);
      else this.continued.add(lane.name);
      this.assigned.set(lane.name, lane);
      yield severalLane({ lane, ...this.leader }, others, {
        isOnly,
        restarted: () => this.continued.delete(lane.name),
      });
    }
  }

  async openWriter(lane: LaneName, mark: Json | undefined, isContinued?: boolean): Promise<LaneWriter> {
    const some = this.members.filter(({ outputs }) => outputs.length > 0);
    const writing = some.length === 0 ? [this.leader] : some;
    const names = writing.map(({ broker, outputs }) => this.nameOf(broker, outputs));
    const [first] = writing;
    const isLeaderAlone = writing.length === 1 && first === this.leader;
    const isBegun = mark === undefined && !this.continued.has(lane);
    const marks = isBegun ? names.map(() => undefined) : marksOf(mark, names, this.leader.broker.name, isLeaderAlone);
    if (isLeaderAlone) return first.connection.openWriter(lane, marks[0], isContinued);
    const confirm = this.confirmOf(lane);
    const opened: WriterMember[] = [];
    try {
      for (const [i, { broker, connection, outputs }] of writing.entries()) {
        const ofOther = connection === this.leader.connection ? undefined : confirm;
        const open = () => connection.openWriter(lane, marks[i], isContinued, ofOther);
        const writer = await openedWriter(broker.name, open);
        opened.push({ name: names[i] as WriterName, writer, outputs });
      }
      return new SeveralWriter(opened);
    } catch (error) {
      for (const { writer } of opened) await writer.close().catch(() => {});
      throw error;
    }
  }

  /** Undefined if no other process can take the lane. */
  private confirmOf(name: LaneName): (() => Promise<void>) | undefined {
    const lane = this.assigned.get(name);
    if (lane?.confirm === undefined) return undefined;
    return () => whenWorking(this.leader.broker.name, `confirming lane ${name}`, () => lane.confirm?.());
  }

  private nameOf({ name }: Broker, outputs: readonly number[]): WriterName {
    return { broker: name, outputs: outputs.map((i) => (this.request.outputs[i] as OutputRequest).message.name) };
  }

  close(): Promise<void> {
    this.closing ??= this.closeAll();
    return this.closing;
  }

  /** Closes all of them, even if some fail; the leader last. */
  private closeAll(): Promise<void> {
    const close = ({ broker, connection }: Member) => whenWorking(broker.name, 'closing', () => connection.close());
    return inTurn(...[...this.members].reverse().map((member) => () => close(member)));
  }

  private async lanesOfOthers(): Promise<readonly LaneMember[]> {
    const others: LaneMember[] = [];
    for (const member of this.members.slice(1)) {
      if (member.inputs.length === 0) continue;
      const { broker, connection } = member;
      const lane = await whenWorking(broker.name, 'listing its lanes', () => firstOf(connection.lanes()));
      others.push({ lane, ...member });
    }
    return others;
  }
}

/** The list stays open: ending it would end the lane. */
async function firstOf(lanes: AsyncIterable<BrokerLane> | Iterable<BrokerLane>): Promise<BrokerLane> {
  const iterator = Symbol.asyncIterator in lanes ? lanes[Symbol.asyncIterator]() : lanes[Symbol.iterator]();
  const { value, done } = await iterator.next();
  if (done) throw new Error('it returned no lane');
  return value as BrokerLane;
}

/** Waiting for the other side and being asked to stop is not a failure. */
async function openedWriter(broker: string, open: () => Promise<LaneWriter>): Promise<LaneWriter> {
  try {
    return await open();
  } catch (error) {
    throw isAbort(error) ? error : brokerError(error, broker, 'opening the outputs');
  }
}
