import type { LaneHealth } from '../../report/health.js';
import type { LaneContext } from '../lane-context.js';

/** The progress of a lane that is restoring its tables, for `health()`, metrics and the log. */
export class LaneRestoring {
  private table = '';
  private read = 0;
  /** The number of changes left, as reported after `read` changes. */
  private reported: { readonly left: number; readonly read: number } | undefined;
  private changes = 0;
  private readonly begunAt: number;

  private constructor(
    private readonly context: LaneContext,
    private readonly lane: string,
  ) {
    this.begunAt = context.clock.now();
  }

  static begin(context: LaneContext, lane: string): LaneRestoring {
    const restoring = new LaneRestoring(context, lane);
    context.restoring.add(restoring);
    context.logger.info({ lane, tables: restoring.names }, `Lane ${lane} is restoring ${restoring.names.join(', ')}`);
    return restoring;
  }

  next(table: string): void {
    this.table = table;
    this.read = 0;
    this.reported = undefined;
  }

  took(): void {
    this.read++;
    this.changes++;
  }

  leaves(left: number): void {
    this.reported = { left, read: this.read };
  }

  /** All tables have the contents of the last commit: `keys` keys. */
  done(keys: number): void {
    const { lane, names, changes } = this;
    const { clock, logger } = this.context;
    const durationMs = Math.round(clock.now() - this.begunAt);
    const what = `${keys} keys from ${changes} changes in ${durationMs} ms`;
    logger.info(
      { lane, tables: names, keys, changes, durationMs },
      `Lane ${lane} has restored ${names.join(', ')}: ${what}`,
    );
  }

  end(): void {
    this.context.restoring.delete(this);
  }

  health(): LaneHealth {
    const { lane, table, read, reported } = this;
    const left = reported === undefined ? undefined : Math.max(0, reported.left - (read - reported.read));
    return { lane, healthy: true, ended: undefined, waiting: undefined, restoring: { table, read, left } };
  }

  private get names(): readonly string[] {
    return this.context.plan.tables.map(({ name }) => name);
  }
}
