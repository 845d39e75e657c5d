import { shownText } from '../../base/shown-text.js';
import type { StepCounts } from '../plan/made-process.js';
import type { Plan } from '../plan/plan.js';
import { type EndReason, isEndedFromOutside } from './end-reason.js';
import { type LaneState, stepsInAll, sum } from './lane-state.js';
import { type NodeProgress, nodeProgress } from './progress.js';
import { type SilentEdge, silentEdges } from './silent-edges.js';

/** The number of elements written to the stream of one class. */
export interface EmittedReport {
  /** The name of the message class. */
  readonly name: string;
  /** The stream, as named by the broker. */
  readonly stream: string;
  readonly count: number;
}

/** The report of a run. `toString()` returns it as plain text, to print or to paste into an issue. */
export class RunReport {
  /** One per node of the tree, the master first, depth first. */
  readonly nodes: readonly NodeProgress[];
  /** The number of calls of the process function. */
  readonly calls: number;
  /** The number of calls of the methods for unmatched elements. */
  readonly unmatchedCalls: number;
  /** The number of calls that threw and were skipped by `onError`. */
  readonly failedCalls: number;
  /**
   * The number of calls that did not wait for a silent stream (`idle: { then: 'ignore' }`): there might have been more.
   */
  readonly forcedCalls: number;
  /**
   * The number of results that are written and safe, per class of results, late elements and dead letters. If
   * `partialResults` is set, they are not in their streams yet. Results of a lane that was lost before it committed are
   * not counted.
   */
  readonly emitted: readonly EmittedReport[];
  /** For a flow: the stateful steps, with the values that came too late, and the states that are kept. */
  readonly steps: readonly StepCounts[];
  readonly ended: EndReason;
  /** The message class whose end ended the run, if one did. */
  readonly because: string | undefined;
  /**
   * Edges on which nothing matched, with the likely cause. If the run was stopped, or given to another process, later
   * elements may match: then the cause says so, unless it holds anyway, such as different units.
   */
  readonly silentEdges: readonly SilentEdge[];
  /** The location of the results of a stopped run, if they are not final yet; several are separated by commas. */
  readonly partialResults: string | undefined;

  constructor(
    plan: Plan,
    lanes: readonly LaneState[],
    /** By the mill's clock. */
    readonly durationMs: number,
    /** The run was stopped, and did not only run out of lanes: other processes have them all. */
    isStopped: boolean,
  ) {
    this.nodes = nodeProgress(plan, lanes);
    this.calls = sum(lanes.map((lane) => lane.calls));
    this.unmatchedCalls = sum(lanes.map((lane) => lane.unmatchedCalls));
    this.failedCalls = sum(lanes.map((lane) => lane.failedCalls));
    this.forcedCalls = sum(lanes.map((lane) => lane.forcedCalls));
    this.steps = stepsInAll(lanes);
    this.emitted = plan.outputs.map(({ message, entry }, i) => ({
      name: message.name,
      stream: entry.label,
      count: sum(lanes.map((lane) => lane.written[i] ?? 0)),
    }));
    // Lanes that an earlier run had ended count only if this one had no others.
    const own = lanes.filter(({ ended }) => ended !== 'already ended');
    const last = own.find(({ ended }) => ended === 'stopped') ?? own.at(-1) ?? lanes.at(-1);
    this.ended = last?.ended ?? (isStopped ? 'stopped' : 'revoked');
    this.because = last?.because === undefined ? undefined : plan.nodes[last.because]?.name;
    this.silentEdges = silentEdges(plan, lanes, !isEndedFromOutside(this.ended));
    const partial = lanes.flatMap((lane) => lane.partialResults ?? []);
    this.partialResults = partial.length === 0 ? undefined : partial.join(', ');
  }

  toString(): string {
    const rows = [
      ['', 'read', 'matched', 'passed over', 'late', 'bad', 'position'],
      ...this.nodes.map((node) => [
        shownText(`${node.name} (${node.stream})`, 500),
        ...[node.read, node.matched, node.passedOver, node.late, node.bad, node.position ?? '-'].map(String),
      ]),
    ];
    return [
      `${this.endSentence()} after ${Math.round(this.durationMs)} ms`,
      ...inColumns(rows),
      ...this.callLines(),
      ...this.steps.map(({ name, late, kept }) => shownText(`step ${name}: ${kept} kept, ${late} late`, 500)),
      ...this.emitted.map((emitted) => this.emittedLine(emitted)),
      ...(this.partialResults === undefined ? [] : [`results so far are in ${shownText(this.partialResults, 500)}`]),
      ...this.silentEdges.map(({ sentence }) => `nothing matched: ${sentence}`),
    ].join('\n');
  }

  private emittedLine({ name, stream, count }: EmittedReport): string {
    const isFinal = this.partialResults === undefined || count === 0;
    return isFinal
      ? shownText(`wrote ${count} ${name} to ${stream}`, 500)
      : `wrote ${count} ${name} for ${stream}, which is not final`;
  }

  private endSentence(): string {
    switch (this.ended) {
      case 'master ended':
        return `ended with its master ${this.because}`;
      case 'no further match':
        return `ended early: ${this.because} has no element left that could match`;
      case 'process':
        return 'ended by the process function';
      case 'timeout':
        return `ended by a timeout of ${this.because}`;
      case 'stopped':
        return 'stopped';
      case 'revoked':
        return 'given to another process';
      case 'already ended':
        return 'had already ended in an earlier run';
    }
  }

  private callLines(): readonly string[] {
    const unmatched = this.unmatchedCalls === 0 ? '' : `, ${this.unmatchedCalls} of unmatched elements`;
    const failed = this.failedCalls === 0 ? '' : `, ${this.failedCalls} failed and skipped`;
    const forced = this.forcedCalls === 0 ? '' : `, ${this.forcedCalls} without waiting for a silent stream`;
    return [`${this.calls} ${this.calls === 1 ? 'call' : 'calls'}${unmatched}${failed}${forced}`];
  }
}

/** Formats columns: the first one left-aligned, numbers right-aligned. */
function inColumns(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
  );
}
