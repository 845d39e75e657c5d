import { thrownText } from '../../base/thrown.js';
import { realProcess } from './real-process.js';

/** What a process starts and does not await fails in one of these ways. */
const events = ['unhandledRejection', 'uncaughtException'] as const;

export type UnhandledKind = 'rejection' | 'exception';

/**
 * Notes unhandled rejections and uncaught exceptions while mills are explored. Other listeners, such as a test
 * runner's, are not notified: the error of the exploration reports them.
 */
export class UnhandledErrors {
  first: { readonly kind: UnhandledKind; readonly text: string } | undefined;
  /** As they were added: one that listens once still does so when it is restored. */
  private readonly others = events.map((event) => realProcess.rawListeners(event as 'uncaughtException'));

  constructor() {
    for (const event of events) realProcess.removeAllListeners(event);
    realProcess.on('unhandledRejection', this.noteRejection);
    realProcess.on('uncaughtException', this.noteException);
  }

  begin(): void {
    this.first = undefined;
  }

  restore(): void {
    realProcess.off('unhandledRejection', this.noteRejection);
    realProcess.off('uncaughtException', this.noteException);
    for (const [i, event] of events.entries()) {
      for (const listener of this.others[i] ?? []) realProcess.on(event, listener as () => void);
    }
  }

  private readonly noteRejection = (reason: unknown): void => {
    this.first ??= { kind: 'rejection', text: thrownText(reason) };
  };

  private readonly noteException = (error: unknown): void => {
    this.first ??= { kind: 'exception', text: thrownText(error) };
  };
}
