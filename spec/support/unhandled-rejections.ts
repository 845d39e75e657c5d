import { runInThisContext } from 'node:vm';

/** Jest gives tests a copy of the process, whose listeners are told nothing. */
const realProcess = runInThisContext('process') as NodeJS.Process;

/** Notes rejections that nothing had handled when the microtasks were through, which would end a process. */
export function unhandledRejections(): { readonly seen: readonly unknown[]; stop(): void } {
  const seen: unknown[] = [];
  const note = (reason: unknown): void => void seen.push(reason);
  realProcess.on('unhandledRejection', note);
  return { seen, stop: () => void realProcess.off('unhandledRejection', note) };
}
