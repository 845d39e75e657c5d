/** Opened resources, to be closed in reverse order: all of them, awaited, whatever fails on the way. */
export class Closers {
  private readonly opened: (() => unknown)[] = [];

  add(close: () => unknown): void {
    this.opened.push(close);
  }

  /** Closes everything once, and returns the errors that came of it. */
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
