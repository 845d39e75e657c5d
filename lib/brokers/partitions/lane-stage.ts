/**
 * How far a lane has come: running; over, with its end marks outstanding; its own ones written, with those outstanding
 * that wait for all lanes; over, with nothing left to do. A stage is committed before what follows it is begun, so that
 * end marks are written once, whichever process comes to write them.
 */
export type LaneStage = 'open' | 'over' | 'marked' | 'ended';

/**
 * What several lanes write to is ended once, when all have ended, by the member that has this one: it stays `marked` until
 * then, so that its owner finds what is left to do.
 */
export const closingLane = 0;

/** A lane whose end marks are written stage by stage. */
export interface StagedLane {
  readonly partition: number;
  readonly stage: LaneStage;
  /** End marks are written: commits that. */
  reach(stage: 'marked' | 'ended'): Promise<void>;
}

/** Writes end marks, each unless it is there: a process that crashed may have written it. */
export interface MarkWriter {
  /** To what is the lane's own. */
  writeEndMarks(): Promise<void>;
  /** To what several lanes write to. */
  writeSharedEndMarks(): Promise<void>;
}

/** The stage that a lane has with the commit of its place. */
export function stageOfCommit(isOver: boolean, hasOutputs: boolean): LaneStage {
  if (!isOver) return 'open';
  return hasOutputs ? 'over' : 'ended';
}

/** A lane is over, and its last results are safe: writes its own end marks, and commits that they are there. */
export async function endLane(lane: StagedLane, writer: MarkWriter, hasShared: boolean): Promise<void> {
  if (lane.stage !== 'over') return;
  await writer.writeEndMarks();
  await lane.reach(hasShared && lane.partition === closingLane ? 'marked' : 'ended');
}

/** All lanes are over: ends what several of them write to, and the closing lane with it. */
export async function endShared(lane: StagedLane, writer: MarkWriter): Promise<void> {
  await writer.writeSharedEndMarks();
  await lane.reach('ended');
}
