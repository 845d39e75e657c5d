import { systemClock } from '../base/clock.js';
import { realTime } from '../base/real-time.js';
import { type ClaimState, claimsOn, type LockClaim, ownerOf, removeClaim, stateOfClaim } from './lock-claim.js';
import { isRunning } from './process-identity.js';

/** Owners show life every second. */
const defaultSilentMs = 10_000;
const lookEveryMs = 100;

export interface WatchOptions {
  readonly signal?: AbortSignal | undefined;
  /** Called before an owner is watched for some seconds, to find out whether it is alive. */
  readonly onWatch?: ((owner: string, file: string) => void) | undefined;
  /**
   * An owner without a sign of life for this long counts as dead, if nothing better is known. Milliseconds. Default:
   * 10,000.
   */
  readonly silentMs?: number | undefined;
}

/** A live claim. */
export interface Rival {
  readonly claim: LockClaim;
  /** It holds the lock, and does not only contend for it. */
  readonly isHeld: boolean;
}

/** The live claims of other processes on a lock. Dead ones are removed. */
export class LockRivals {
  /** Claims that were watched and showed no life. */
  private readonly silent = new Set<string>();

  constructor(
    private readonly path: string,
    private readonly options: WatchOptions,
  ) {}

  /** The live claims, as far as is known immediately. Unknown ones count as live. */
  async look(): Promise<Rival[]> {
    return this.liveClaims(async () => true);
  }

  /** The live claims. An unknown one is watched until it shows life, or for long enough to count as dead. */
  async watch(): Promise<Rival[]> {
    return this.liveClaims((claim, state) => this.givesSign(claim, state));
  }

  private async liveClaims(judge: (claim: LockClaim, state: ClaimState) => Promise<boolean>): Promise<Rival[]> {
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
