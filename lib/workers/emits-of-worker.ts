/** The code that declares results of a `workerProcess`, for errors. */
export function emitsOfWorker(names: string): string {
  return `workerProcess(source, { emits: [${names}] })`;
}
