import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import type { RunReport, WaterMill } from 'watermill';

/** Runs a mill for as long as the application lives. */
@Injectable()
export class MillRunner implements OnApplicationBootstrap, OnModuleDestroy {
  /** The report when the mill has ended; undefined if it has failed. */
  report: Promise<RunReport | undefined> | undefined;
  private readonly logger = new Logger(MillRunner.name);

  constructor(private readonly mill: WaterMill) {}

  /** Does not wait for the run: the application starts, and serves requests, in the meantime. */
  onApplicationBootstrap(): void {
    this.report = this.mill.run().catch((error: unknown) => {
      this.logger.error(error);
      process.exitCode = 1;
      return undefined;
    });
  }

  /** Nest closes a module before those that it imports, so the resources of the process are still open. */
  async onModuleDestroy(): Promise<void> {
    await this.mill.stop();
  }
}
