/** Closes opened resources in reverse order. Each close is awaited, and a failed one does not prevent the others. */
export class Closers {
  private readonly opened: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.opened.push(close);
  }

  /** Closes everything once. Returns the errors. */
  async closeAll(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (let close = this.opened.pop(); close !== undefined; close = this.opened.pop()) {
      try {
        await close();
      } catch (error) {
        errors.push(error);
      }
    }
    return errors;
  }
}
