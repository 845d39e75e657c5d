import { asyncDispose } from '../base/async-dispose.js';
import type { MessageClass } from '../base/class.js';
import { systemClock } from '../base/clock.js';
import { type Logger, silentLogger } from '../base/logger.js';
import { safeLoggerOf } from '../base/safe-logger.js';
import { listed } from '../base/shown-text.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Broker } from '../brokers/broker.js';
import type { Key } from '../expressions/key.js';
import type { TableClass } from '../tables/make-table.js';
import type { TableView } from '../tables/table-view.js';
import { MillRun } from './driver/mill-run.js';
import { checkedHealth, checkRunOptions, runOptionNames } from './driver/run-options.js';
import { TerminalProgress } from './driver/time/terminal-progress.js';
import { trialOf, trialSetup } from './driver/trial.js';
import type { MillOptions } from './mill-settings.js';
import type { DataKey } from './plan/data-key.js';
import { type ExplainOptions, explain } from './plan/explain/explain.js';
import { describeValue } from './plan/in-words.js';
import { makePlan } from './plan/make-plan.js';
import { leaderOf, type Plan } from './plan/plan.js';
import type { Health, HealthOptions } from './report/health.js';
import { type MillView, viewOfMill } from './report/mill-view.js';
import { type Progress, progressOf } from './report/progress.js';
import type { RunReport } from './report/run-report.js';
import type { Why } from './why/why.js';
import { type Which, type WhyOptions, whyNot } from './why/why-not.js';

/**
 * Reads streams, joins them by type, calls the process function with elements that belong together and writes its
 * results.
 *
 * The constructor checks everything that can be checked without reading: it throws a `WaterMillError` that names the
 * class, the parameter and the fix. Nothing is opened before `run`. A mill runs once; mills are independent of each
 * other.
 *
 * @example
 * ```ts
 * const mill = new WaterMill({ process: SpeedMeter, joinTree: tree, broker });
 * const report = await mill.run();
 * ```
 */
export class WaterMill<const C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  implements AsyncDisposable
{
  private readonly plan: Plan;
  private readonly current: MillRun;
  private running: Promise<RunReport> | undefined;

  constructor(private readonly options: MillOptions<C>) {
    this.plan = makePlan(options, runOptionNames);
    checkRunOptions(options, this.plan);
    const { container, clock = systemClock, commitEvery = {}, storeFolder } = options;
    const terminal = options.progress === undefined ? undefined : TerminalProgress.on(process.stderr, clock);
    const logger = loggerOf(options.logger, terminal);
    const {
      onPlanChange = 'fail',
      onLaneFailure = 'stop',
      maxOpen = 1_000,
      freeze = false,
      onWaiting,
      waitingAfterMs: afterMs = 10_000,
    } = options;
    const { plan } = this;
    const watchdog = { afterMs, onWaiting };
    this.current = new MillRun({
      plan,
      container,
      clock,
      logger,
      commitEvery,
      onPlanChange,
      onLaneFailure,
      maxOpen,
      freeze,
      storeFolder,
      watchdog,
      terminal,
      ...trialSetup(trialOf(leaderOf(plan))),
    });
  }

  /**
   * Runs to the end of the streams, or until it is stopped. When it resolves, results are safe, positions are committed
   * and everything that was opened is closed. Resolves to a report of the elements read, matched and written.
   *
   * Rejects with a `WaterMillError`: results up to the failure are written and committed, none after it, and the error
   * contains the location of partial results. A second call is an error: create a mill for every run.
   */
  async run(): Promise<RunReport> {
    if (this.running !== undefined) {
      throw new WaterMillError(
        'WM_RUN_TWICE',
        'This mill has already run: run() may be called once. Make another mill to run again; if the broker remembers, it continues from what was committed.',
      );
    }
    this.running = this.runUntilSignal();
    return this.running;
  }

  /**
   * Ends the run cleanly: the current element is finished, results are written, positions are committed, and `run()`
   * resolves; a later mill continues from there. Resolves when that is done, whether the run succeeded or not. A mill
   * that was stopped before it ran reads nothing. If `stop` is called within a call of the process function, a source
   * or a sink, which the run waits for, it resolves as soon as the request is accepted: that call is finished, and is
   * the last one.
   */
  async stop(): Promise<void> {
    if (this.current.stopAsked()) return;
    await this.running?.catch(() => {});
  }

  /**
   * Saves the results of a call whose process function got a `DataKey`: an element, an array of elements, or nothing.
   * May be called from anywhere, in any order, once per key. Results are written, and positions move, in the order of
   * the calls: results that are saved early wait for the calls before them. `run()` resolves when all are saved;
   * `stop()` does not wait for them.
   *
   * Returns true if they will be written; false if the call's lane is over (stopped, failed, or given to another
   * process), so that the next run processes the element again, as it does if the process crashes before it has
   * committed.
   *
   * Throws `WM_DATA_KEY` for a key of an earlier run or another mill, `WM_SAVED_TWICE`, and `WM_RESULT` for a value
   * that is not a result of the process: then the call stays open.
   */
  saveResults(key: DataKey | string, results?: object | readonly (object | null | undefined)[] | null): boolean {
    return this.current.saveResults(key, results);
  }

  /**
   * The committed rows of a table of the process function, in all lanes of this process. Available at any time, also
   * after the run. Throws `WM_TABLE` for a table that the process function does not use.
   *
   * @example mill.table(VisitsByUser).get('ann')?.count
   */
  table<T extends object, K extends Key>(table: TableClass<T, K>): TableView<T, K> {
    const index = this.plan.tables.findIndex((each) => each.table === table);
    if (index < 0) throw noSuchTable(table, this.plan);
    return this.current.tables[index] as TableView<T, K>;
  }

  /** The current progress, per node of the tree. Available at any time, also after the run. */
  progress(): Progress {
    return progressOf(this.plan, this.current.states(), this.current.waiting());
  }

  /**
   * For probes: returns whether the mill is ready and healthy. A lane is unhealthy if it makes no progress for
   * `stuckAfterMs` although it could. A lane that waits for a silent stream is healthy.
   */
  health(options: HealthOptions = {}): Health {
    const stuckAfterMs = checkedHealth(options);
    return this.current.health(stuckAfterMs);
  }

  /**
   * The plan as plain text: streams with their policies; edges with their SQL, when they are decided, and what they
   * hold in memory; parameters; results; whether a run is reproducible. With `{ format: 'mermaid' }` as a Mermaid
   * flowchart, with `{ format: 'svg' }` as a picture. Throws `WM_MILL_OPTIONS` for another format.
   *
   * @example console.log(mill.explain({ format: 'mermaid' }))
   */
  explain(options?: ExplainOptions): string {
    return explain(this.plan, options);
  }

  [viewOfMill](): MillView {
    const { plan, current, options } = this;
    const { clock = systemClock } = options;
    return {
      plan,
      brokers: [options.broker].flat() as readonly Broker[],
      now: () => clock.now(),
      lanes: () => current.states(),
      isOver: () => current.isOver,
      progress: () => this.progress(),
      health: (health) => this.health(health),
      explain: (format) => this.explain(format),
      remade: (brokers, isAll) => this.remade(brokers, isAll),
      awaitsCaller: () => current.awaitsCaller(),
      watchCalls: (watch) => current.watchCalls(watch),
    };
  }

  /**
   * Explains why an element has no result: it was passed over (the edge, and the keys on both sides), late, bad,
   * excluded, not picked, not read after an early end, in no window; or which calls it is part of. `which` is the
   * element's position in its stream, as in errors, or a function that selects elements; the first ten of those are
   * explained, and all are counted.
   *
   * The streams are read again, concurrently with any run: no call is made, nothing is written or committed, and it
   * costs nothing if it is not used. It holds all elements in memory, and costs more than a run. It does not know the
   * effects of the clock, or of a process that ends the streams. For brokers that can be read separately: files,
   * memory, a recording.
   *
   * Rejects with `WM_WHY` for a class that the mill does not read, for a position without an element, and for other
   * brokers.
   *
   * @example console.log(String(await mill.why(Weather, ({ hour }) => hour === 7)));
   */
  why<T>(message: MessageClass<T>, which: Which<T>, options?: WhyOptions): Promise<Why> {
    return whyNot(this.plan, message, which, options);
  }

  private remade(brokers: (given: readonly Broker[]) => readonly Broker[], isAll: boolean): WaterMill<C> {
    const { broker, outputBroker, ...others } = this.options;
    const found = brokers([broker].flat() as readonly Broker[]);
    return new WaterMill<C>({
      ...others,
      broker: found,
      ...(!isAll && outputBroker !== undefined && { outputBroker }),
    });
  }

  /** Stops the run, if it has not ended. */
  async [asyncDispose](): Promise<void> {
    await this.stop();
  }

  private async runUntilSignal(): Promise<RunReport> {
    const { signal } = this.options;
    const onAbort = (): void => this.current.stop();
    if (signal?.aborted) onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });
    try {
      return await this.current.execute();
    } finally {
      signal?.removeEventListener('abort', onAbort);
    }
  }
}

function loggerOf(given: Logger | undefined, terminal: TerminalProgress | undefined): Logger {
  if (given === undefined) return silentLogger;
  const logger = safeLoggerOf(given);
  return terminal?.above(logger) ?? logger;
}

function noSuchTable(table: unknown, { tables, process }: Plan): WaterMillError {
  const found = describeValue(table);
  const expected = tables.length === 0 ? 'none' : listed(tables.map(({ name }) => name));
  return new WaterMillError(
    'WM_TABLE',
    `mill.table(): ${found} is not a table that ${process.name} takes: it takes ${expected}. Pass the class that its parameter, or inject, names.`,
    { expected, found },
  );
}
