/** What a process has of a lane: it may be asked to give it back, or may have lost it without being asked. */
export class LaneClaim {
  private readonly revocation = new AbortController();
  private readonly loss = new AbortController();

  get revoked(): AbortSignal {
    return this.revocation.signal;
  }

  get lost(): AbortSignal {
    return this.loss.signal;
  }

  /** It goes to another member, once it is released. */
  revoke(): void {
    this.revocation.abort();
  }

  /** Another member may have it already, or the outcome of a commit is unknown. */
  lose(): void {
    this.loss.abort();
    this.revocation.abort();
  }
}
