import { systemClock } from '../base/clock.js';
import { realTime } from '../base/real-time.js';
import { type ClaimState, claimsOn, type LockClaim, ownerOf, removeClaim, stateOfClaim } from './lock-claim.js';
import { isRunning } from './process-identity.js';

/** Owners give a sign of life every second. */
const defaultSilentMs = 10_000;
const lookEveryMs = 100;

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called before an owner is watched for some seconds, to see whether it still lives. */
  readonly onWatch?: ((owner: string, file: string) => void) | undefined;
  /** An owner without a sign of life for this long counts as dead, if nothing better is known. Milliseconds; default: 10,000. */
  readonly silentMs?: number | undefined;
}

/** A living claim. */
export interface Rival {
  readonly claim: LockClaim;
  /** It is the lock, not only the wish for it. */
  readonly isHeld: boolean;
}

/** The claims of others on a lock, those of the dead left out and removed. */
export class LockRivals {
  /** Claims that were watched and gave no sign of life. */
  private readonly silent = new Set<string>();

  constructor(
    private readonly path: string,
    private readonly options: WatchOptions,
  ) {}

  /** Who lives as far as is known at once. Of whom that is not known counts as living. */
  async look(): Promise<Rival[]> {
    return this.living(async () => true);
  }

  /** Who lives. Where that is not known, a claim is watched until it gives a sign of life, or long enough to know. */
  async watch(): Promise<Rival[]> {
    return this.living((claim, state) => this.givesSign(claim, state));
  }

  private async living(judge: (claim: LockClaim, state: ClaimState) => Promise<boolean>): Promise<Rival[]> {
    const found = await Promise.all(
      (await claimsOn(this.path)).map(async (claim) => {
        const state = await stateOfClaim(claim);
        if (state === undefined) return undefined;
        const runs = this.silent.has(claim.file) ? false : isRunning(claim.owner);
        if (runs ?? (await judge(claim, state))) return { claim, isHeld: state.isHeld };
        await removeClaim(claim);
        return undefined;
      }),
    );
    return found.filter((rival) => rival !== undefined);
  }

  private async givesSign(claim: LockClaim, before: ClaimState): Promise<boolean> {
    const { signal, onWatch, silentMs = defaultSilentMs } = this.options;
    onWatch?.(await ownerOf(claim), claim.file);
    const begun = systemClock.now();
    do {
      await realTime.sleep(lookEveryMs, undefined, { signal });
      const state = await stateOfClaim(claim);
      if (state === undefined) return false;
      if (state.beat !== before.beat) return true;
    } while (systemClock.now() - begun < silentMs);
    this.silent.add(claim.file);
    return false;
  }
}
