/**
 * The stage of a lane. `open`: running. `over`: its end marks are outstanding. `marked`: its own end marks are written,
 * those of outputs shared by all lanes are outstanding. `ended`: nothing is left to do. A stage is committed before the
 * next one begins, so that end marks are written once, whichever process writes them.
 */
export type LaneStage = 'open' | 'over' | 'marked' | 'ended';

/**
 * The lane whose owner ends the outputs that several lanes write to, once all lanes have ended. It stays `marked` until
 * then, so that its owner finds the remaining work.
 */
export const closingLane = 0;

/** A lane whose end marks are written in stages. */
export interface StagedLane {
  readonly partition: number;
  readonly stage: LaneStage;
  /** Commits that end marks are written. */
  reach(stage: 'marked' | 'ended'): Promise<void>;
}

/** Writes end marks, each unless it exists already: a process that crashed may have written it. */
export interface MarkWriter {
  /** Writes the end marks of the lane's own outputs. */
  writeEndMarks(): Promise<void>;
  /** Writes the end marks of outputs that several lanes write to. */
  writeSharedEndMarks(): Promise<void>;
}

/** The stage that a commit gives a lane. */
export function stageOfCommit(isOver: boolean, hasOutputs: boolean): LaneStage {
  if (!isOver) return 'open';
  return hasOutputs ? 'over' : 'ended';
}

/** Ends a lane that is over and whose last results are safe: writes its own end marks, and commits that. */
export async function endLane(lane: StagedLane, writer: MarkWriter, hasShared: boolean): Promise<void> {
  if (lane.stage !== 'over') return;
  await writer.writeEndMarks();
  await lane.reach(hasShared && lane.partition === closingLane ? 'marked' : 'ended');
}

/** Ends the outputs that several lanes write to, and the closing lane with them. All lanes are over. */
export async function endShared(lane: StagedLane, writer: MarkWriter): Promise<void> {
  await writer.writeSharedEndMarks();
  await lane.reach('ended');
}
