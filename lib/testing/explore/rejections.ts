import { runInThisContext } from 'node:vm';
import { thrownText } from '../../base/thrown.js';

const event = 'unhandledRejection';

/** The object that emits rejections: jest gives its tests another object under this name. */
const realProcess: NodeJS.Process = runInThisContext('process') ?? process;

/**
 * Notes promises that are rejected and handled nowhere, while mills are explored. What else would be notified of them, a test
 * runner for one, is not: the error of the exploration says it.
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
