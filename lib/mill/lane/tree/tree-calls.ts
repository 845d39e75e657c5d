import type { LaneVector } from '../../resume/lane-vector.js';
import { type LaneAnswer, type MutableCallAnswer, makeCallAnswer } from '../answer.js';
import type { LaneEdge, LaneNode } from '../nodes/lane-tree.js';
import type { Row } from '../rows/row.js';
import { type CalledWindow, showBorders } from '../windows/called-window.js';
import { CallsMade } from './calls-made.js';

/**
 * The calls and unmatched rows that a tree lane answers with. Each is given once, also across a restart, and the last
 * one can be taken back.
 */
export class TreeCalls {
  /** The number of calls that did not wait for a silent node. */
  forced = 0;
  /** A silent node was not waited for since the last call. */
  isForced = false;
  /** The first row of a call that was taken back. */
  retracted: Row | undefined = undefined;
  private readonly made: CallsMade;
  private answer: LaneAnswer | undefined = undefined;
  /** Takes back the last call or unmatched row. */
  private undo: (() => void) | undefined = undefined;
  /** The first row of the last call. */
  private calledFirst: Row | undefined = undefined;
  private readonly callRows: Row[] = [];
  private readonly callElements: object[] = [];
  private readonly callAnswer: MutableCallAnswer;

  constructor(
    private readonly root: LaneNode,
    private readonly hasGroups: boolean,
    /** The marks of the windows record which calls were made before a restart. */
    private readonly hasMarks: boolean,
    vector: LaneVector | undefined,
  ) {
    this.made = new CallsMade(root.replay.startPlace, vector);
    this.callAnswer = makeCallAnswer();
  }

  /** Confirms the last answer: it cannot be taken back any more. */
  keep(): void {
    this.undo = undefined;
  }

  /** Takes back the last call (or unmatched row), because it failed. */
  retract(): void {
    this.undo?.();
    this.undo = undefined;
  }

  /** Returns the answer of the last step, once. */
  takeAnswer(): LaneAnswer | undefined {
    const { answer } = this;
    if (answer !== undefined) this.answer = undefined;
    return answer;
  }

  /** All master elements up to the cursor of the vector that the lane started from are taken. */
  get isTakenAgain(): boolean {
    return this.made.isCursorReached;
  }

  passMaster(key: any, position: number): void {
    this.made.cursor.passMaster(key, position);
  }

  /** Gives a pending child row that was in no group, unless it was given before a restart. */
  emitUnmatched(edge: LaneEdge, row: Row): void {
    const { child } = edge;
    const { cursor } = this.made;
    const before = cursor.copy();
    cursor.passChild(edge.index, child.replay.placeOf(row));
    if (row.moreIfAny?.usedBy !== undefined || !this.made.isCursorNew) return;
    this.answer = { what: 'unmatched', node: child.index, element: row.element, position: row.position };
    this.undo = () => {
      edge.pending.unshift(row);
      cursor.restore(before);
    };
  }

  /** Answers with a call for one master row. */
  callOne(row: Row, key: any): void {
    const { callAnswer } = this;
    if (!this.isNew(key, row.position)) return;
    this.calledFirst = row;
    if (this.hasGroups) {
      this.callRows[0] = row;
      callAnswer.rows = this.callRows;
    }
    this.callElements[0] = row.element;
    callAnswer.elements = this.callElements;
    callAnswer.from = row.position;
    callAnswer.to = row.position;
    this.call(callAnswer);
  }

  /**
   * Answers with a call for a window. Returns true: it is a step of the lane even if the call was made before a
   * restart.
   */
  callWindow(window: CalledWindow): true {
    this.root.matched += window.fresh;
    if (!this.hasMarks && !this.isNew(window.idKey, window.idPosition)) return true;
    if (this.hasMarks) this.undo = this.undoMarks;
    this.calledFirst = window.row;
    showBorders(window, this.root.keys.windowTrack);
    this.call(window);
    return true;
  }

  private call(answer: MutableCallAnswer): void {
    answer.forced = this.isForced;
    if (this.isForced) this.forced++;
    this.isForced = false;
    this.answer = answer;
  }

  /** Returns false if the call was made before a restart. */
  private isNew(key: any, position: number): boolean {
    const isNew = this.made.add(key, position);
    if (isNew) this.undo = this.undoCall;
    return isNew;
  }

  private readonly undoCall = (): void => {
    this.made.retract();
    this.retracted = this.calledFirst;
  };

  private readonly undoMarks = (): void => {
    this.retracted = this.calledFirst;
  };

  toJson(): Pick<LaneVector['done'], 'cursor' | 'window'> {
    return this.made.toJson();
  }
}
