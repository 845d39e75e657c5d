import { shared } from '../../base/loaded-copies.js';
import { Service, type ServiceMill } from './service.js';
import { type ServiceOptions, settingsOf } from './service-options.js';
import { ServiceProcess } from './service-process.js';

/** Shared by all copies of this package. */
const host = shared('service process', () => new ServiceProcess());

/**
 * Runs a mill as the work of a process, also as PID 1 of a container, and sets the exit code of the process. Several
 * mills may run in one process.
 *
 * SIGTERM and SIGINT stop the mill: the current element is finished, results are written, positions committed. A second
 * signal, or the end of the grace period, ends the process immediately; elements that were not committed are read again
 * by the next run. An unhandled rejection or an uncaught exception is logged, stops the mill in the same way, and makes
 * the run a failed one.
 *
 * Resolves when the mill is over, to its exit code: 0 if it ended or was stopped, 1 if it failed. The exit code of the
 * process is the worst of those of its services and its previous one; 128 + the signal's number (143, 130) if it was
 * killed. Never rejects. After a signal or a failure, a process that something else keeps alive is ended once all
 * services are over and the grace period has passed.
 *
 * Signals and such failures stop all services of the process. Each has its own grace period: the process is killed when
 * no service is within its grace period any more. A service that starts after a signal is stopped before it reads.
 *
 * @example
 * ```ts
 * await runService(new WaterMill({ process: SpeedMeter, joinTree: tree, broker, logger }), { healthPort: 8080 });
 * ```
 */
export async function runService(mill: ServiceMill, options: ServiceOptions = {}): Promise<number> {
  return new Service(mill, settingsOf(options), host).run();
}
