import type { Command } from 'commander';
import type { Logger } from '../../base/logger.js';
import { viewOfMill } from '../../mill/report/mill-view.js';
import type { RunReport } from '../../mill/report/run-report.js';
import { runService } from '../../mill/service/run-service.js';
import type { ServiceMill } from '../../mill/service/service.js';
import { type AddCommand, action, port, positive } from '../command.js';
import { commandError } from '../command-error.js';
import { exitCodes } from '../exit-codes.js';
import { type LoadedMill, loadMill } from '../load-mill.js';
import type { Printer } from '../printer.js';
import { showProgress } from '../run-progress.js';

export interface RunOptions {
  readonly port?: number;
  readonly host?: string;
  readonly graceMs?: number;
  readonly progress: boolean;
}

export const addRun: AddCommand = (program, done) => {
  const command = program
    .command('run')
    .description('run a mill to the end of its streams, or until it is stopped (SIGTERM, SIGINT); print its report')
    .argument('<mill.js>', 'a module whose default export is a mill, or a function that returns one');
  withRunOptions(command).action(
    action<[string], RunOptions>(done, async (printer, options, file) =>
      runMill(printer, options, await loadMill(file)),
    ),
  );
};

/** Adds the options of commands that run a mill. */
export function withRunOptions(command: Command): Command {
  return command
    .option('--port <port>', 'show metrics, plan and progress over HTTP', port('--port'))
    .option('--host <address>', 'where that port listens (default: 127.0.0.1)')
    .option('--grace-ms <ms>', 'how long the mill may take to stop (default: 25000)', positive('--grace-ms'))
    .option('--no-progress', 'show no progress');
}

/** Runs a mill as the work of this process. */
export async function runMill(printer: Printer, options: RunOptions, { mill, view }: LoadedMill): Promise<number> {
  const { progress, host, graceMs } = options;
  if (host !== undefined && options.port === undefined)
    throw commandError(`--host ${host}: nothing listens there without a port. Add --port 8080.`);
  let isBegun = false;
  let report: RunReport | undefined;
  const reporting: ServiceMill & { [viewOfMill](): unknown } = {
    run: async () => {
      isBegun = true;
      const endProgress = progress ? showProgress(printer, () => view.progress()) : undefined;
      try {
        report = await mill.run();
        return report;
      } finally {
        endProgress?.();
      }
    },
    stop: () => mill.stop(),
    health: (health) => mill.health(health),
    [viewOfMill]: () => view,
  };
  const exitCode = await runService(reporting, {
    ...(options.port !== undefined && { port: options.port }),
    ...(host !== undefined && { host }),
    ...(graceMs !== undefined && { graceMs }),
    logger: loggerOf(printer),
  });
  if (report !== undefined) printer.result(String(report), report);
  return isBegun ? exitCode : exitCodes.usage;
}

/** The messages of a service for people: the report says how it ended. */
function loggerOf(printer: Printer): Logger {
  const note = (fields: object, text: string): void => {
    if (!('ended' in fields)) printer.note(text);
  };
  const error = (fields: object, text: string): void => {
    if (!('err' in fields)) printer.note(text);
    else if (printer.isJson) printer.error(fields.err);
    else printer.note(`${text}: ${printer.errorText(fields.err)}`);
  };
  return { debug: () => {}, info: note, warn: error, error };
}
