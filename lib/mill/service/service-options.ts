import type { Logger } from '../../base/logger.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { printKey } from '../../expressions/key-text.js';

export interface ServiceOptions {
  /** How long the mill may take to end after a signal. Default: 25,000 ms, which fits into the 30 s of Kubernetes. */
  readonly graceMs?: number;
  /** Where `/healthz` and `/readyz` answer over HTTP; 0 takes any free port. Default: there is no endpoint. */
  readonly healthPort?: number;
  /** The address that the endpoint listens on. Default: all. */
  readonly healthHost?: string;
  /** When a lane counts as stuck. Milliseconds; default: 60,000. See `mill.health`. */
  readonly stuckAfterMs?: number;
  /** Where signals and failures go, and how the mill ended. Default: lines on stderr. */
  readonly logger?: Logger;
}

const numbers = ['graceMs', 'healthPort', 'stuckAfterMs'] as const;
const names: readonly string[] = [...numbers, 'healthHost', 'logger'];

export function checkServiceOptions(options: ServiceOptions): void {
  for (const name of Object.keys(options))
    if (!names.includes(name)) throw wrong(name, `one of ${names.join(', ')}`, name);
  for (const name of numbers) {
    const value = options[name];
    if (value !== undefined && !(typeof value === 'number' && value >= 0)) {
      throw wrong(name, 'a number, zero or more', value);
    }
  }
  const { healthPort: port } = options;
  if (port !== undefined && !(Number.isInteger(port) && port <= 65_535)) throw wrong('healthPort', 'a port', port);
}

function wrong(name: string, expected: string, value: unknown): WaterMillError {
  const found = printKey(value);
  const sentence = `runService: option ${name}: expected ${expected}, found ${found}.`;
  return new WaterMillError('WM_SERVICE_OPTIONS', sentence, { expected, found });
}
