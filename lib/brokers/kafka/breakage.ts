/** Once broken, all operations on the cluster reject immediately, including pending requests. */
export class Breakage {
  private error: unknown;
  private readonly pending = new Set<(error: unknown) => void>();

  /** Only the first error counts. */
  break(error: unknown): void {
    if (this.error !== undefined) return;
    this.error = error;
    for (const reject of this.pending) reject(error);
    this.pending.clear();
  }

  get isBroken(): boolean {
    return this.error !== undefined;
  }

  guard<T>(work: () => Promise<T>): Promise<T> {
    if (this.error !== undefined) return Promise.reject(this.error);
    return new Promise((resolve, reject) => {
      this.pending.add(reject);
      work()
        .finally(() => this.pending.delete(reject))
        .then(resolve, reject);
    });
  }
}
