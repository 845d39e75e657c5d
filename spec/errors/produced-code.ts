/** An error code, and a function that produces it. */
export type Production = readonly [code: string, produce: () => unknown];

/** The code of the error that is thrown, or that a promise is rejected with. */
export async function producedCode(produce: () => unknown): Promise<unknown> {
  try {
    await produce();
  } catch (error) {
    return (error as { code?: unknown }).code ?? error;
  }
  return 'nothing was thrown';
}
