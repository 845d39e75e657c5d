import { realTime } from '../../base/real-time.js';
import { thrownText } from '../../base/thrown.js';
import type { WaterMill } from '../../mill/water-mill.js';
import type { MakeMill } from '../replay.js';
import { ExploredBroker } from './explored-broker.js';
import type { ExploredInputs } from './explored-inputs.js';
import { FakedGlobals } from './faked-globals.js';
import type { Outcome } from './outcome.js';
import { mostEnds, type Schedule } from './schedule.js';
import { StandsStill, whenStandingStill } from './standstill.js';
import type { UnhandledErrors } from './unhandled-errors.js';
import { expectMill, wrong } from './wrong-use.js';

/** How runs are made. */
export interface Runner {
  readonly makeMill: MakeMill;
  readonly unhandled: UnhandledErrors;
}

/** How closely a run is observed. */
export interface Patience {
  /** How long after the end to wait for timers that are not awaited. Milliseconds. */
  readonly waitMs: number;
  /** Whether to check results of earlier calls. */
  readonly looksBack: boolean;
  /** A mill that does nothing for this long is stuck. Milliseconds. */
  readonly standstillMs: number;
}

export const hasty: Patience = { waitMs: 0, looksBack: false, standstillMs: 10_000 };

/** Runs mills over the inputs one after another, by the schedule, until one reaches the end. */
export async function runSchedule(
  { makeMill, unhandled }: Runner,
  inputs: ExploredInputs,
  schedule: Schedule,
  { waitMs, looksBack, standstillMs }: Patience = hasty,
): Promise<Outcome> {
  const broker = new ExploredBroker(inputs, schedule, looksBack);
  const { calls, troubles, time } = broker;
  const globals = new FakedGlobals(schedule, time, calls.note);
  unhandled.begin();
  let failure: Outcome['failure'];
  try {
    // Even if every run ends early, each makes progress.
    const most = schedule.ends.length + (schedule.again ? mostEnds : 0);
    for (let run = 0; failure === undefined; run++) {
      troubles.begin(run >= most);
      const mill = await makeMill(broker);
      expectMill(mill, broker);
      failure = await runOnce(mill, broker, standstillMs);
      if (broker.writesElsewhere)
        throw wrong('that the mill writes to the broker that the function is given', 'an outputBroker');
      if (!troubles.isEnded) break;
    }
    await settled(waitMs);
  } finally {
    globals.restore();
  }
  calls.results.finish();
  const { changed } = calls.results;
  const { sources, surroundings } = calls;
  return { results: broker.results(), failure, changed, unhandled: unhandled.first, sources, surroundings };
}

/** Returns the failure, unless the schedule caused it. */
async function runOnce(
  mill: WaterMill<any>,
  broker: ExploredBroker,
  standstillMs: number,
): Promise<Outcome['failure']> {
  const { troubles } = broker;
  troubles.stop = () => void mill.stop();
  const standstill = whenStandingStill(
    () => broker.activity,
    standstillMs,
    () => waitingWords(mill),
  );
  try {
    await Promise.race([mill.run(), standstill.reached]);
  } catch (error) {
    if (!troubles.isEnded || error instanceof StandsStill) return { error, text: thrownText(error) };
  } finally {
    standstill.end();
  }
  return undefined;
}

function waitingWords(mill: WaterMill<any>): string {
  const sentences = mill.health().lanes.flatMap(({ waiting }) => waiting?.sentence ?? []);
  // Its time does not advance either.
  return sentences.length === 0 ? 'It does nothing any more.' : sentences.join(' ').replaceAll(' for 0 s', '');
}

/** Lets promises that are not awaited settle, and timers that fire soon. */
async function settled(waitMs: number): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>((resolve) => void realTime.setImmediate(resolve));
  if (waitMs > 0) await realTime.sleep(waitMs);
}
