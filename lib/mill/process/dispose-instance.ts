type Disposer = (() => unknown) | undefined;

/** Lets an object clean up: by `Symbol.asyncDispose`, `Symbol.dispose` or, as tsyringe has it, `dispose()`. */
export async function disposeInstance(instance: object): Promise<void> {
  const disposable = instance as { [Symbol.asyncDispose]?: Disposer; [Symbol.dispose]?: Disposer; dispose?: Disposer };
  const dispose = disposable[Symbol.asyncDispose] ?? disposable[Symbol.dispose] ?? disposable.dispose;
  if (typeof dispose === 'function') await dispose.call(instance);
}
