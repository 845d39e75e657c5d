import { asyncDispose } from '../../base/async-dispose.js';
import { classOf } from '../../base/shown-value.js';
import { thrownSentence } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';

type Disposer = (() => unknown) | undefined;

/**
 * Disposes of an object, by `Symbol.asyncDispose`, `Symbol.dispose` or, as in tsyringe, `dispose()`. Rejects with
 * `WM_DISPOSE_FAILED` if that throws.
 */
export async function disposeInstance(instance: object): Promise<void> {
  const disposable = instance as { [asyncDispose]?: Disposer; [Symbol.dispose]?: Disposer; dispose?: Disposer };
  try {
    const dispose = disposable[asyncDispose] ?? disposable[Symbol.dispose] ?? disposable.dispose;
    if (typeof dispose === 'function') await dispose.call(instance);
  } catch (cause) {
    const name = classOf(instance) ?? 'the process';
    throw new WaterMillError(
      'WM_DISPOSE_FAILED',
      `The instance of ${name} could not be disposed: ${thrownSentence(cause)} What the run has written and committed holds; fix the method that disposes of ${name}.`,
      { process: name },
      { cause },
    );
  }
}
