import type { Clock } from '../../base/clock.js';
import { Closers } from '../../base/closers.js';
import { isInsideAwaitedCall, processCalls, sourceAndSinkCalls } from '../../base/inside-call.js';
import { isAbort } from '../../base/is-abort.js';
import type { Logger } from '../../base/logger.js';
import type { BrokerLane, Connection } from '../../brokers/broker.js';
import { brokerError, whenWorking } from '../../brokers/broker-failed.js';
import { namesOf } from '../../brokers/several/member.js';
import { KeptElements } from '../../tables/kept-elements.js';
import { keysOf } from '../../tables/table-keys.js';
import { TableOfLanes } from '../../tables/table-of-lanes.js';
import { leaderOf, type Plan } from '../plan/plan.js';
import type { Container } from '../plan/plan-options.js';
import { bindProcess } from '../process/bind-process.js';
import { isEndedFromOutside } from '../report/end-reason.js';
import type { Health, LaneHealth } from '../report/health.js';
import type { WatchCalls } from '../report/lane-calls.js';
import { endedBefore, type LaneState } from '../report/lane-state.js';
import { progressOf } from '../report/progress.js';
import { RunReport } from '../report/run-report.js';
import type { Waiting } from '../report/waiting.js';
import { Committer } from './commit/committer.js';
import { recoverCommit } from './commit/recovery.js';
import type { LaneContext } from './lane-context.js';
import { checkLaneCount } from './lane-count.js';
import type { LaneDriver } from './lane-driver.js';
import { LanesOfRun } from './lanes-of-run.js';
import { OpenKeys } from './open-keys.js';
import { openLane } from './open-lane.js';
import { expectLane } from './results/lane-errors.js';
import { RunFailures } from './run-failures.js';
import type { CommitEvery } from './run-options.js';
import { LaneTables } from './tables/lane-tables.js';
import type { TerminalProgress } from './time/terminal-progress.js';
import { type Step, Watchdog, type WatchdogOptions } from './time/watchdog.js';
import type { Trial } from './trial.js';

export interface RunSetup {
  readonly plan: Plan;
  readonly container: Container | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly commitEvery: CommitEvery;
  readonly onPlanChange: 'fail' | 'restart';
  readonly onLaneFailure: 'stop' | 'goOn';
  readonly maxOpen: number;
  readonly freeze: boolean;
  readonly storeFolder: string | undefined;
  readonly watchdog: WatchdogOptions;
  readonly terminal: TerminalProgress | undefined;
  /** Overrides some of these settings in a test kit. */
  readonly trial: Trial | undefined;
}

/** One run of a mill: connects, runs all lanes concurrently, and closes what was opened. */
export class MillRun {
  private readonly abort = new AbortController();
  private readonly closers = new Closers();
  private readonly lanes = new LanesOfRun();
  private readonly failures: RunFailures;
  private readonly startedAt: number;
  private readonly keys = new OpenKeys();
  private readonly watches: WatchCalls[] = [];
  /** By the plan's tables. */
  readonly tables: readonly TableOfLanes<any>[];
  private readonly restoring = new Set<{ health(): LaneHealth }>();
  private lanesAtWork = 0;
  /** It has ended or failed. */
  isOver = false;
  private isConnected = false;
  private isClosing = false;
  /** The connection calls sources or sinks of the user. */
  private runsUserCode = false;
  /** What the run waits for outside of its lanes. */
  private step: Step | undefined;

  constructor(private readonly setup: RunSetup) {
    this.startedAt = setup.clock.now();
    this.failures = new RunFailures(setup.logger);
    this.tables = setup.plan.tables.map(
      ({ name, table, message }) => new TableOfLanes(name, keysOf(name, table), new KeptElements(name, message)),
    );
  }

  /**
   * Stops the run on behalf of a user. Returns whether the caller is a call, a source or a sink that the run waits for.
   */
  stopAsked(): boolean {
    const isInside = this.awaitsCaller();
    this.stop();
    return isInside;
  }

  /** Whether the caller is a call, a source or a sink that the run waits for. */
  awaitsCaller(): boolean {
    const open = [...this.lanes.open()];
    return (
      open.some(({ isWorking }) => isWorking) ||
      ((this.isClosing || open.some(({ isInCall }) => isInCall)) && isInsideAwaitedCall(processCalls)) ||
      (this.runsUserCode && isInsideAwaitedCall(sourceAndSinkCalls))
    );
  }

  /** Ends every lane after the current element. */
  stop(): void {
    this.abort.abort();
    for (const driver of this.lanes.open()) driver.stop('stopped');
  }

  saveResults(key: unknown, results: unknown): boolean {
    return this.keys.save(key, results);
  }

  /** What the lanes are waiting for. */
  waiting(): readonly Waiting[] {
    const now = this.setup.clock.now();
    return [...this.lanes.open()].flatMap((driver) => driver.waitsFor(now) ?? []);
  }

  health(stuckAfterMs: number): Health {
    const now = this.setup.clock.now();
    const restoring = [...this.restoring].map((lane) => lane.health());
    // A lane that returns is not over any more.
    const others = this.lanes
      .health(now, stuckAfterMs)
      .filter(({ lane }) => !restoring.some((each) => each.lane === lane));
    const lanes = [...others, ...restoring];
    const ready = this.isConnected && restoring.length === 0 && !this.isStopped && !this.isOver;
    return { ready, healthy: this.failures.isEmpty && lanes.every(({ healthy }) => healthy), lanes };
  }

  async execute(): Promise<RunReport> {
    const { clock, logger, watchdog, terminal, plan } = this.setup;
    const dog = new Watchdog(
      () => this.waiting(),
      () => this.step,
      clock,
      logger,
      watchdog,
    );
    dog.start();
    terminal?.start(() => progressOf(plan, this.states(), this.waiting()));
    try {
      return await this.executeAll();
    } finally {
      this.isOver = true;
      for (const table of this.tables) table.end();
      dog.stop();
      terminal?.stop();
    }
  }

  private async executeAll(): Promise<RunReport> {
    try {
      if (!this.isStopped) await this.runLanes(await this.connect());
    } catch (error) {
      // An abort error of a broker that was asked to stop is not a failure.
      if (!this.isStopped || !this.failures.isEmpty || !isAbort(error)) this.failures.add(error);
    }
    this.isClosing = true;
    for (const error of await this.closers.closeAll()) this.failures.add(error);
    if (!this.failures.isEmpty) throw this.failures.asOne();
    const { plan, clock } = this.setup;
    const report = new RunReport(plan, this.states(), clock.now() - this.startedAt, this.isStopped);
    this.log(report);
    return report;
  }

  watchCalls(watch: WatchCalls): void {
    this.watches.push(watch);
    for (const driver of this.lanes.open()) driver.watchCalls(watch);
  }

  states(): readonly LaneState[] {
    return this.lanes.states();
  }

  private log(report: RunReport): void {
    const { logger } = this.setup;
    // In a run that was stopped, nothing may be wrong: the report alone has them.
    const edges = isEndedFromOutside(report.ended) ? [] : report.silentEdges;
    for (const edge of edges) logger.warn({ ...edge }, `Nothing matched: ${edge.sentence}`);
    logger.info({ ended: report.ended, calls: report.calls, durationMs: report.durationMs }, String(report));
  }

  private get isStopped(): boolean {
    return this.abort.signal.aborted;
  }

  private async connect(): Promise<LaneContext> {
    const { plan, container, clock, logger, commitEvery, onPlanChange, maxOpen, freeze, storeFolder } = this.setup;
    const { keys, tables, restoring } = this;
    const { name } = plan.process;
    const bound = await this.during(`the instance, the parameters or the workers of ${name}`, () =>
      bindProcess(plan, container),
    );
    const process = this.setup.trial?.bound(bound, plan) ?? bound;
    this.closers.add(() => this.during(`the instance of ${name} to be disposed`, async () => process.dispose()));
    const connection = await this.open();
    const timing = { clock, logger, commitEvery, onPlanChange };
    const leader = leaderOf(plan);
    const writers = namesOf(plan.outputs.length === 0 ? [leader] : plan.outputs.map(({ broker }) => broker));
    const context = {
      plan,
      process,
      leader,
      writers,
      connection,
      signal: this.abort.signal,
      ...timing,
      keys,
      tables,
      restoring,
      maxOpen,
      freeze,
      storeFolder,
    };
    this.isConnected = true;
    return context;
  }

  private async open(): Promise<Connection> {
    const { plan, clock, logger } = this.setup;
    const { broker, nodes, outputs, fingerprint } = plan;
    try {
      const connection = await this.during(`${broker.name} to connect`, () =>
        broker.connect({
          inputs: nodes.map(({ message, input }, i) => ({
            message,
            entry: input,
            ...(i === 0 && plan.process.made?.readsStage === true && { isOfStage: true }),
          })),
          outputs,
          plan: fingerprint,
          tables: plan.tables,
          exclusive: true,
          signal: this.abort.signal,
          logger,
          clock,
        }),
      );
      this.closers.add(async () => {
        await this.during(`${broker.name} to close`, () =>
          whenWorking(broker.name, 'closing', () => connection.close()),
        );
      });
      this.runsUserCode = connection.runsUserCode === true;
      return connection;
    } catch (error) {
      throw isAbort(error) ? error : brokerError(error, broker.name, 'connecting');
    }
  }

  /** Awaits a step that belongs to no lane, so that it is reported if it does not end. */
  private async during<T>(what: string, act: () => Promise<T>): Promise<T> {
    this.step = { what, since: this.setup.clock.now() };
    try {
      return await act();
    } finally {
      this.step = undefined;
    }
  }

  private async runLanes(context: LaneContext): Promise<void> {
    const running: Promise<void>[] = [];
    try {
      for await (const lane of context.connection.lanes()) {
        expectLane(lane);
        checkLaneCount(context.plan, context.connection.laneCount ?? running.length + 1);
        running.push(this.runLane(context, lane));
        if (this.isStopped) break;
      }
    } catch (error) {
      // Nothing else notifies the running lanes, and they are awaited.
      this.stop();
      throw isAbort(error) ? error : brokerError(error, context.leader.name, 'listing its lanes');
    } finally {
      await Promise.all(running);
    }
  }

  /** Runs one lane. Never rejects: a failure is recorded, and the option decides about the other lanes. */
  private async runLane(context: LaneContext, brokerLane: BrokerLane): Promise<void> {
    let isKept = false;
    let hasFailed = false;
    let driver: LaneDriver | undefined;
    this.lanesAtWork++;
    try {
      const resume = await recoverCommit(context, brokerLane);
      if (resume?.vector.ended !== undefined) {
        // Tables first: restoring them confirms the positions unchanged.
        if (context.tables.length > 0) await (await LaneTables.open(context, brokerLane, resume)).close(false);
        await Committer.publishAgain(context, brokerLane, resume);
        this.lanes.addEnded(brokerLane.name, endedBefore(context.plan, resume.vector));
        return;
      }
      const opened = await openLane(context, brokerLane, resume);
      driver = opened;
      for (const watch of this.watches) opened.watchCalls(watch);
      if (this.isStopped) opened.stop('stopped');
      await this.lanes.whileOpen(opened, () =>
        opened.run(() => {
          if (!brokerLane.revoked?.aborted) this.stopOthers();
        }),
      );
    } catch (error) {
      hasFailed = true;
      const isAborted = isAbort(error);
      // A failure of a lane that was taken away is not a failure of the run.
      if (brokerLane.revoked?.aborted) {
        const what = 'A lane failed after it was taken away: its next owner continues from its last commit';
        if (!isAborted) this.setup.logger.warn({ err: error }, what);
      } else {
        if (!(this.isStopped && isAborted)) {
          const err = this.failures.addOfLane(error, brokerLane);
          // Another process would fail on this lane as well, so it is kept while the others continue.
          isKept = this.setup.onLaneFailure === 'goOn' && !this.isStopped;
          if (isKept) this.setup.logger.error({ err }, 'A lane has failed; the others continue');
        }
        this.stopOthers();
      }
    } finally {
      this.lanesAtWork--;
      if (!this.failures.isEmpty && this.lanesAtWork === 0) this.stop();
      if (isKept) await this.untilTaken(brokerLane);
      if (hasFailed && brokerLane.revoked?.aborted) await driver?.hideTables();
      try {
        await whenWorking(context.leader.name, 'releasing a lane', () => brokerLane.release?.());
      } catch (error) {
        this.failures.add(error);
        // A broker that lists lanes until all of them are released never ends its list.
        if (this.lanesAtWork === 0) this.stop();
        else this.stopOthers();
      }
    }
  }

  private stopOthers(): void {
    if (this.setup.onLaneFailure === 'stop') this.stop();
  }

  /** Waits until the run is stopped or the lane is taken away from this process. */
  private async untilTaken({ revoked }: BrokerLane): Promise<void> {
    const signals = [this.abort.signal, ...(revoked === undefined ? [] : [revoked])];
    if (signals.some(({ aborted }) => aborted)) return;
    await new Promise<void>((resolve) => {
      for (const signal of signals) signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
