/** A process's claim on a lane: the lane may be revoked, or lost without notice. */
export class LaneClaim {
  private readonly revocation = new AbortController();
  private readonly loss = new AbortController();

  get revoked(): AbortSignal {
    return this.revocation.signal;
  }

  get lost(): AbortSignal {
    return this.loss.signal;
  }

  /** The lane goes to another member once it is released. */
  revoke(): void {
    this.revocation.abort();
  }

  /** Another member may own the lane already, or the outcome of a commit is unknown. */
  lose(): void {
    this.loss.abort();
    this.revocation.abort();
  }
}
