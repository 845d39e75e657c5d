import { longestTimerMs } from '../../base/clock.js';
import type { Logger } from '../../base/logger.js';
import { realTime } from '../../base/real-time.js';
import { safeCall } from '../../base/safe-call.js';
import type { TableClass } from '../../tables/make-table.js';
import type { Health, HealthOptions } from '../report/health.js';
import { viewOf } from '../report/mill-view.js';
import type { RunReport } from '../report/run-report.js';
import { loggerAboveStderr } from '../report/terminal-line.js';
import { healthRoutes } from './health-routes.js';
import { HttpServer, type Listening, pathsText, type Route } from './http-server.js';
import { millRoutes } from './mill-routes.js';
import { checkMill, type ServiceSettings } from './service-options.js';
import type { ProcessService, ServiceProcess } from './service-process.js';
import { tableRoutes } from './table-routes.js';

/** The mill of a service: a `WaterMill`. */
export interface ServiceMill {
  run(): Promise<RunReport>;
  stop(): Promise<void>;
  health(options?: HealthOptions): Health;
  /** Returns a table, if tables can be shown. */
  table?(table: TableClass<any, any>): unknown;
}

/** A mill that is run by a process, possibly together with others. */
export class Service implements ProcessService {
  readonly logger: Logger;
  readonly graceMs: number;
  isOverdue = false;
  private exitCode = 0;
  private graceTimer: NodeJS.Timeout | undefined;

  constructor(
    private readonly mill: ServiceMill,
    private readonly settings: ServiceSettings,
    private readonly host: ServiceProcess,
  ) {
    this.logger = loggerAboveStderr(settings.logger);
    this.graceMs = settings.graceMs;
  }

  /** Never rejects. */
  async run(): Promise<number> {
    this.host.add(this);
    // A mill that only waits for a promise would not keep the process alive, and it would exit with code 0.
    const keepAlive = realTime.setInterval(() => {}, longestTimerMs);
    let servers: readonly HttpServer[] = [];
    let isBegun = false;
    try {
      if (this.settings.problem !== undefined) throw this.settings.problem;
      checkMill(this.mill);
      servers = await this.listen();
      isBegun = true;
      const report = await this.mill.run();
      // The complete report goes to the mill's own logger, which may be the same.
      this.logger.info({ ended: report.ended, calls: report.calls }, String(report).split('\n')[0] as string);
    } catch (error) {
      this.exitCode = 1;
      this.logger.error({ err: error }, isBegun ? 'The mill has failed' : 'The mill could not be started');
    }
    for (const server of servers) await server.close();
    realTime.clearInterval(keepAlive);
    realTime.clearTimeout(this.graceTimer);
    this.host.remove(this, this.exitCode);
    return this.exitCode;
  }

  fail(): void {
    this.exitCode = 1;
    this.stop();
  }

  stop(): void {
    if (this.graceTimer !== undefined) return;
    this.graceTimer = realTime.setTimeout(() => this.giveUp(), Math.min(this.graceMs, longestTimerMs));
    safeCall(
      () => this.mill.stop(),
      (error) => this.logger.error({ err: error }, 'The mill could not be asked to stop'),
    );
  }

  private giveUp(): void {
    const { graceMs } = this;
    this.logger.error({ graceMs }, `Not finished within ${graceMs} ms: ending it by force`);
    this.isOverdue = true;
    this.host.endIfOverdue();
  }

  /** Starts one server for everything that the mill shows, and one for probes only, as configured. */
  private async listen(): Promise<readonly HttpServer[]> {
    const { port, host, healthPort, healthHost, stuckAfterMs } = this.settings;
    const probes = healthRoutes(() => this.mill.health(stuckAfterMs === undefined ? {} : { stuckAfterMs }));
    const servers: HttpServer[] = [];
    try {
      if (port !== undefined) {
        const view = viewOf(this.mill);
        const { tables = [] } = this.settings;
        const shown = tables.length === 0 ? [] : tableRoutes(this.mill, tables);
        const routes = [...probes, ...(view === undefined ? [] : millRoutes(view)), ...shown];
        servers.push(await this.serve(routes, { option: 'port', port, host }));
      }
      if (healthPort !== undefined) {
        servers.push(await this.serve(probes, { option: 'healthPort', port: healthPort, host: healthHost }));
      }
    } catch (error) {
      for (const server of servers) await server.close();
      throw error;
    }
    return servers;
  }

  private async serve(routes: readonly Route[], listening: Listening): Promise<HttpServer> {
    const server = await HttpServer.listen(routes, listening, this.logger);
    const { host } = listening;
    this.logger.info(
      { port: server.port, ...(host !== undefined && { host }) },
      `${pathsText(routes)} answer on port ${server.port}`,
    );
    return server;
  }
}
