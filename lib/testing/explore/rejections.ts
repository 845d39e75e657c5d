import { thrownText } from '../../base/thrown.js';

const event = 'unhandledRejection';

/**
 * Notes promises that are rejected and handled nowhere, while mills are explored. What else would be notified of them, a test
 * runner for one, is not: the error of the exploration says it. jest gives its tests a `process` that is notified of nothing; there
 * jest itself fails the test.
 */
export class Rejections {
  first: { readonly text: string } | undefined;
  private readonly others = process.listeners(event);

  constructor() {
    process.removeAllListeners(event);
    process.on(event, this.note);
  }

  begin(): void {
    this.first = undefined;
  }

  restore(): void {
    process.off(event, this.note);
    for (const listener of this.others) process.on(event, listener);
  }

  private readonly note = (reason: unknown): void => {
    this.first ??= { text: thrownText(reason) };
  };
}
