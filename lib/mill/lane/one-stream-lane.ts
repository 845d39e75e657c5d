import { keyFromJson, keyToJson } from '../../expressions/key-json.js';
import type { ClosedByEnd, LaneEnd, LaneVector } from '../resume/lane-vector.js';
import type { LaneAnswer } from './answer.js';
import { late, violation } from './answer.js';
import { ElementSeries } from './element-series.js';
import type { Fed } from './input/inbox.js';
import { OrderedRuns } from './input/ordered-runs.js';
import { ReorderedRuns } from './input/reordered-runs.js';
import type { FirstElement, Runs } from './input/runs.js';
import { NodeKeys } from './keys/node-keys.js';
import type { LaneMachine } from './lane-machine.js';
import type { LaneSpec, NodeSpec } from './lane-spec.js';
import { type LaneStats, statsOf } from './lane-stats.js';
import { CallNotes, countsAt, countsOf, type NodeCounts, settleAll } from './node-counts.js';
import type { LaneNode } from './nodes/lane-tree.js';
import { makeNodes, windowKey } from './nodes/make-nodes.js';
import { nodeVector } from './tree/replay-points.js';
import { WindowSeries } from './window-series.js';
import { type CalledWindow, showBorders } from './windows/called-window.js';
import { hasMarks, isByValue, makeWindows } from './windows/make-windows.js';
import { Run } from './windows/run.js';
import type { WindowAges, Windows } from './windows/windows.js';

const LOWEST = Number.NEGATIVE_INFINITY;

/**
 * Runs a single stream without joins, element by element or in windows. Windows take as many elements of a batch at
 * once as they can.
 */
export class OneStreamLane implements LaneMachine {
  readonly nodes: readonly LaneNode[];
  readonly forcedCalls = 0;
  private readonly node: LaneNode;
  private readonly windows: Windows | undefined;
  /** A clock closes windows: the key that the window's `onTimeout` returned. */
  private timedOut: { readonly key: unknown } | undefined = undefined;
  private readonly runs: Runs;
  /** The current run, and the index of its next element. */
  private readonly run = new Run();
  /** Calls for windows if there are windows. */
  private readonly series: ElementSeries | WindowSeries;
  /** The counts of the node at each call of the series. */
  private readonly notes: CallNotes;
  /** 1 if the last call failed and was taken back: in `counts` it still counts as made. */
  private retracted = 0;
  /** The order key and the position of the last element taken. */
  private takenKey: any;
  private taken: number;
  private readonly closed: ClosedByEnd | undefined;
  private ended: LaneEnd | undefined;
  private because: number | undefined = undefined;
  /** The lane was stopped from outside, within a series. */
  private isStopped = false;
  /** The error of a key or a fold. */
  private failure: unknown = undefined;

  /** Streams in order, or reordered by their only key and not split by a value. */
  static fits(spec: LaneSpec): boolean {
    const node = spec.nodes[0] as NodeSpec;
    if (spec.nodes.length > 1 || node.order.policy === 'skip') return false;
    if (node.order.policy === 'fail') return true;
    if (spec.window?.by !== undefined) return false;
    const { tracks, adjacent } = new NodeKeys(node, undefined, undefined, windowKey(spec), undefined, undefined, []);
    return tracks.length === 1 && adjacent === undefined;
  }

  constructor(spec: LaneSpec, vector?: LaneVector) {
    this.nodes = makeNodes(spec, vector);
    this.node = this.nodes[0] as LaneNode;
    this.notes = new CallNotes(this.nodes);
    this.node.inWindows = () => this.windows?.uncalled() ?? 0;
    this.node.skippedByWindows = () => this.windows?.skipped?.() ?? 0;
    const [key, position] = vector?.done.window ?? [keyToJson(LOWEST), -1];
    if (spec.window === undefined) {
      this.series = new ElementSeries(this.run, keyFromJson(key), position);
    } else {
      const marked = hasMarks(spec);
      const series = new WindowSeries(keyFromJson(key), position, marked, isByValue(spec));
      // Marks record the current place of the lane, not the place some calls earlier.
      if (marked) series.limit(1);
      this.series = series;
      this.windows = makeWindows(spec, this.node.keys.windowBy, false, series, vector);
    }
    this.runs =
      this.node.slack === undefined
        ? new OrderedRuns(this.node)
        : new ReorderedRuns(this.node, () => this.windows?.oldest(), this.run);
    const [takenKey, taken] = vector?.done.cursor[0] ?? [keyToJson(LOWEST), -1];
    this.takenKey = keyFromJson(takenKey);
    this.taken = taken;
    this.closed = vector?.done.closed;
    this.ended = vector?.ended;
  }

  feed(_node: number, ...fed: Fed): void {
    this.node.inbox.feed(...fed);
  }

  end(): void {
    this.node.sourceEnded = true;
  }

  get windowAges(): WindowAges | undefined {
    return this.windows?.ages;
  }

  limit(calls: number): void {
    this.series.limit(calls);
  }

  ignore(): void {}

  stop(reason: LaneEnd): void {
    settleAll(this.nodes);
    if (this.series.count === 0) {
      this.ended ??= reason;
      return;
    }
    // Results of the series after its last call do not count.
    this.ended = reason;
    this.because = undefined;
    this.isStopped = true;
  }

  timeout(key?: unknown): void {
    this.timedOut = { key: this.node.keys.timeoutKey(key) };
  }

  retract(): void {
    this.series.done--;
    this.retracted = 1;
  }

  next(): LaneAnswer {
    if (this.isStopped) return this.over();
    const { series } = this;
    if (!series.isDone) return series;
    this.begin();
    try {
      if (this.failure === undefined) this.fill();
    } catch (error) {
      this.failure = error;
    }
    // Calls before the failure come first. It is kept, since windows may have changed before a fold failed.
    if (series.count > 0) return series;
    if (this.failure !== undefined) throw this.failure;
    if (this.ended !== undefined) return this.over();
    const { trouble } = this.runs;
    if (trouble === undefined) return { what: 'need', nodes: [0] };
    return trouble === 'late' ? late(this.node) : violation(this.node);
  }

  /** Starts a new series. */
  private begin(): void {
    this.notes.begin(this.series.count);
    this.series.clear();
  }

  private over(): LaneAnswer {
    return { what: 'done', because: this.because };
  }

  /** Adds calls to the series until it is full or no more are available. */
  private fill(): void {
    const { node, series, windows } = this;
    if (this.ended !== undefined) return;
    if (windows === undefined) {
      this.takeElements();
    } else {
      this.closeByClock(windows);
      this.takeForWindows(windows);
    }
    if (series.isFull || !this.mayRead || this.runs.trouble !== undefined || !node.sourceEnded) return;
    node.noteEnd();
    this.flushLast();
    if (series.isFull) return;
    this.ended = 'master';
    this.because = 0;
  }

  private flushLast(): void {
    while (!this.series.isFull) {
      const window = this.windows?.end();
      if (window === undefined) return;
      this.called(window);
    }
  }

  private closeByClock(windows: Windows): void {
    while (this.timedOut !== undefined && !this.series.isFull) {
      const window = windows.timeout(this.timedOut.key);
      if (window === undefined) this.timedOut = undefined;
      else this.called(window);
    }
  }

  private takeElements(): void {
    const { run, node } = this;
    const series = this.series as ElementSeries;
    while (series.count === 0 && (run.at < run.end || this.readOn())) {
      const { at } = run;
      series.take();
      this.pass();
      node.matched += run.at - at;
    }
  }

  private takeForWindows(windows: Windows): void {
    const { run, runs, series } = this;
    while (!series.isFull && (run.at < run.end || this.readOn())) {
      const start = run.at;
      try {
        while (!series.isFull && run.at < run.end) {
          const window = windows.take(run);
          if (window !== undefined) this.called(window);
        }
      } finally {
        if (run.at > start) this.pass();
      }
    }
    if (series.isFull) return;
    if (runs.trouble === undefined) this.closeByFrontier(windows);
  }

  private closeByFrontier(windows: Windows): void {
    const { frontier } = this.runs;
    while (frontier !== undefined && !this.series.isFull) {
      const window = windows.close(frontier);
      if (window === undefined) return;
      this.called(window);
    }
  }

  /**
   * Calls for elements are made first, since they are a part of the run; under slack also those for windows, since
   * reading on drops the point to read them again from.
   */
  private get mayRead(): boolean {
    return this.series.count === 0 || (this.windows !== undefined && this.node.slack === undefined);
  }

  private readOn(): boolean {
    return this.mayRead && this.runs.read(this.run);
  }

  /** Marks the elements of the run before its next one as taken. */
  private pass(): void {
    const { run } = this;
    this.takenKey = run.orderKeyAt(run.at - 1);
    this.taken = run.positionAt(run.at - 1);
    this.runs.pass(run);
  }

  private called(window: CalledWindow): void {
    const { node, run } = this;
    const series = this.series as WindowSeries;
    showBorders(window, node.keys.windowTrack);
    node.matched += window.fresh;
    series.addCalled();
    this.notes.noteOne(series.count, this.runs.takenTo(run.at));
  }

  counts(): NodeCounts {
    const { node, series, notes, runs, run, retracted, isStopped } = this;
    if (series.isDone) return countsOf(node);
    const made = series.done + retracted;
    if (this.windows !== undefined) return notes.after(made, 0, isStopped);
    const pending = series.count - made;
    return countsAt(node, runs.takenTo(run.at - pending), node.matched - pending, isStopped);
  }

  stats(): LaneStats {
    return statsOf(this.nodes, this.windows?.held() ?? 0);
  }

  passedBelow(): number {
    const { series } = this;
    return series.isDone ? this.node.passedBelow : series.oldest(undefined).position;
  }

  vector(): LaneVector {
    const { node, run, runs, series, closed } = this;
    const first = this.firstToReplay();
    const [key, position] = series.lastDone;
    const ended = series.isDone || this.isStopped ? this.ended : undefined;
    const values = this.windows?.vector?.(!series.isDone);
    return {
      nodes: [nodeVector(node, runs.replayPoint(run, first))],
      done: {
        cursor: [[keyToJson(this.takenKey), this.taken], -1, [keyToJson(LOWEST), -1]],
        window: [keyToJson(key), position],
        ...(values && { values }),
        ...(closed && { closed }),
      },
      ...(ended && { ended }),
    };
  }

  /** The oldest element of the open windows and of the calls to be made. */
  private firstToReplay(): FirstElement | undefined {
    const open = this.windows?.oldest();
    return this.series.isDone ? open : this.series.oldest(open);
  }
}
