import type { Broker, WaterMillError } from 'watermill';
import { watched } from '../mill/support/watched-broker.js';
import type { Random } from './random.js';

/** What happens in a run: its process dies, or it is stopped, at one of its calls of the broker. */
export interface Disturbance {
  readonly what: 'crash' | 'stop' | 'nothing';
  readonly at: number;
}

interface Running {
  run(): Promise<unknown>;
  stop(): Promise<void>;
}

export interface Disturbed {
  readonly outcome: 'ended' | 'crashed' | 'stopped' | 'failed';
  /** The number of calls, closing excluded. */
  readonly calls: number;
}

/**
 * Runs what `make` returns. It is given the function that wraps its brokers, and one that counts other events as a call.
 * A dead process makes no more calls.
 */
export async function disturbed(
  { what, at }: Disturbance,
  make: (wrap: (broker: Broker) => Broker, event: () => void) => Running,
): Promise<Disturbed> {
  let calls = 0;
  let happened = false;
  const event = (): void => {
    calls++;
    if (what === 'nothing' || calls < at) return;
    if (what === 'crash') {
      happened = true;
      throw new Error('crash');
    }
    if (!happened) void running.stop();
    happened = true;
  };
  const wrap = (broker: Broker): Broker => watched(broker, (call) => (call === 'close' ? undefined : event()));
  const running = make(wrap, event);
  try {
    await running.run();
    return { outcome: happened ? 'stopped' : 'ended', calls };
  } catch (error) {
    if (happened && what === 'crash') return { outcome: 'crashed', calls };
    if ((error as WaterMillError).code === 'WM_PROCESS_FAILED') return { outcome: 'failed', calls };
    throw error;
  }
}

export function randomDisturbance(random: Random, calls: number): Disturbance {
  return { what: random.chance(0.75) ? 'crash' : 'stop', at: 1 + random.int(calls) };
}
