import { runInThisContext } from 'node:vm';
import { thrownText } from '../../base/thrown.js';

const event = 'unhandledRejection';

/** The object that emits rejections: jest replaces this global in its tests. */
const realProcess: NodeJS.Process = runInThisContext('process') ?? process;

/**
 * Notes unhandled rejections while mills are explored. Other listeners, such as a test runner's, are not notified: the
 * error of the exploration reports them.
 */
export class Rejections {
  first: { readonly text: string } | undefined;
  private readonly others = realProcess.listeners(event);

  constructor() {
    realProcess.removeAllListeners(event);
    realProcess.on(event, this.note);
  }

  begin(): void {
    this.first = undefined;
  }

  restore(): void {
    realProcess.off(event, this.note);
    for (const listener of this.others) realProcess.on(event, listener);
  }

  private readonly note = (reason: unknown): void => {
    this.first ??= { text: thrownText(reason) };
  };
}
