import type { Logger } from '../../base/logger.js';
import { unknownOption } from '../../base/option-names.js';
import { safeLoggerOf } from '../../base/safe-logger.js';
import { memberOrNothing } from '../../base/shown-value.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { printKey } from '../../expressions/key-text.js';
import type { TableClass } from '../../tables/make-table.js';
import { tableOf } from '../../tables/table-description.js';
import { stderrLogger } from './stderr-logger.js';

/** How a service ends, and what it shows over HTTP. */
export interface ServiceOptions {
  /** How long the mill may take to end after a signal. Default: 25,000 ms, which fits into the 30 s of Kubernetes. */
  readonly graceMs?: number;
  /**
   * The port for HTTP: `/healthz` and `/readyz`, `/metrics` for Prometheus, `/plan`, `/progress`; 0 for any free port.
   * Calls are timed for the metrics. Default: no HTTP.
   */
  readonly port?: number;
  /**
   * The address that `port` listens on. Default: `127.0.0.1`, which is not reachable from other machines: the endpoints
   * are not protected. Use `0.0.0.0` in a container, so that probes and Prometheus can connect.
   */
  readonly host?: string;
  /**
   * Tables of the mill to serve on `port`: `/tables/NAME/KEY` is an element, `/tables/NAME?from=…&to=…&reverse&limit=…`
   * an array, `/tables/NAME/changes` its changes as server-sent events, by the name of the table. Default: none.
   */
  readonly tables?: readonly TableClass<any, any>[];
  /** A separate port for `/healthz` and `/readyz`; 0 for any free port. Default: none. */
  readonly healthPort?: number;
  /** The address that `healthPort` listens on. Default: all addresses. */
  readonly healthHost?: string;
  /** When a lane counts as stuck. Milliseconds. Default: 60,000. See `mill.health`. */
  readonly stuckAfterMs?: number;
  /**
   * The logger for signals, failures and the end of the mill. If it throws, or a promise that it returns is rejected,
   * Node prints one warning, and the service continues. Default: lines on stderr.
   */
  readonly logger?: Logger;
}

/** The options with defaults filled in. */
export interface ServiceSettings extends ServiceOptions {
  readonly graceMs: number;
  readonly host: string;
  readonly logger: Logger;
  /** The reason why the service cannot start: an invalid option. */
  readonly problem: unknown;
}

const numbers = ['graceMs', 'port', 'healthPort', 'stuckAfterMs'] as const;
const names: readonly string[] = [...numbers, 'host', 'healthHost', 'logger', 'tables'];

const defaults = { graceMs: 25_000, host: '127.0.0.1', logger: stderrLogger };

/** Never throws: a service with invalid options fails and reports them. */
export function settingsOf(options: ServiceOptions): ServiceSettings {
  let logger = stderrLogger;
  try {
    if (isObject(options) && isObject(options.logger)) logger = safeLoggerOf(options.logger);
    checkServiceOptions(options);
    return { ...defaults, ...withoutUndefined(options), logger, problem: undefined };
  } catch (problem) {
    return { ...defaults, logger, problem };
  }
}

/** Throws if it is not a mill, but the promise of `run()`, for example. */
export function checkMill(mill: unknown): void {
  const isMill = ['run', 'stop'].every((method) => typeof memberOrNothing(mill, method) === 'function');
  if (!isMill) throw wrong('', 'a WaterMill, new WaterMill({ … }), which it runs itself', mill);
}

function checkServiceOptions(options: ServiceOptions): void {
  if (!isObject(options) || Array.isArray(options)) throw wrong('', 'an object of options', options);
  const unknown = unknownOption(options, names);
  if (unknown !== undefined) {
    throw new WaterMillError('WM_SERVICE_OPTIONS', `runService ${unknown.sentence}`, unknown.details);
  }
  for (const name of numbers) {
    const value = options[name];
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) {
      throw wrong(name, 'a number, zero or more', value);
    }
  }
  for (const name of ['port', 'healthPort'] as const) {
    const port = options[name];
    if (port !== undefined && !(Number.isInteger(port) && port <= 65_535))
      throw wrong(name, 'a port, 0 to 65535', port);
  }
  for (const name of ['host', 'healthHost'] as const) {
    const host = options[name];
    // With an empty one, Node would listen on all addresses.
    const isAddress = typeof host === 'string' && host !== '';
    if (host !== undefined && !isAddress) throw wrong(name, "an address, such as '127.0.0.1'", host);
  }
  checkTables(options);
  const { logger } = options;
  if (logger !== undefined && !isObject(logger))
    throw wrong('logger', 'an object with the methods of a logger', logger);
}

function checkTables({ tables, port }: ServiceOptions): void {
  if (tables === undefined) return;
  const expected = 'an array of tables, such as [VisitsByUser]';
  if (!Array.isArray(tables)) throw wrong('tables', expected, tables);
  for (const table of tables) if (tableOf(table) === undefined) throw wrong('tables', expected, table);
  if (port === undefined) throw wrong('tables', 'a port as well, where they are shown', 'none');
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function withoutUndefined(options: ServiceOptions): ServiceOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function wrong(name: string, expected: string, value: unknown): WaterMillError {
  const found = printKey(value);
  const sentence = `runService:${name === '' ? '' : ` option ${name}:`} expected ${expected}, found ${found}.`;
  return new WaterMillError('WM_SERVICE_OPTIONS', sentence, { expected, found });
}
