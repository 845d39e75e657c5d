import type { Logger } from '../../base/logger.js';
import { isWaterMillError, WaterMillError } from '../../base/watermill-error.js';
import type { BrokerLane } from '../../brokers/broker.js';
import { withSentence } from './results/lane-errors.js';

/** Collects the failures of a run in order. The run rejects with the first, which has the others in its details. */
export class RunFailures {
  private readonly failures: unknown[] = [];

  constructor(private readonly logger: Logger) {}

  get isEmpty(): boolean {
    return this.failures.length === 0;
  }

  add(error: unknown): void {
    this.failures.push(error);
  }

  /** Adds the failure of a lane, naming the lane if the broker has several. Returns the error. */
  addOfLane(error: unknown, { name, label }: BrokerLane): unknown {
    const hasLane = label !== undefined && isWaterMillError(error);
    const named = hasLane ? withSentence(error, `This was in ${label}.`, { lane: name }) : error;
    this.add(named);
    return named;
  }

  /** The first failure, with the others as `details.errors`. The others are logged as well. */
  asOne(): unknown {
    const [first, ...others] = this.failures;
    if (others.length === 0) return first;
    for (const error of others) this.logger.error({ err: error }, 'A further failure, after the first one');
    if (!isWaterMillError(first)) return first;
    return new WaterMillError(first.code, first.message, { ...first.details, errors: others }, { cause: first.cause });
  }
}
