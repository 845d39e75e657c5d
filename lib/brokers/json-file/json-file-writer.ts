import { dirname, relative } from 'node:path';
import { allDone, closeAll } from '../../base/closers.js';
import type { Json } from '../../base/json.js';
import type { LaneWriter } from '../broker.js';
import { outputChanged } from './output/output-errors.js';
import { OutputFile } from './output/output-file.js';
import type { Output, OutputMark, OutputRun, OutputTarget } from './output/output-target.js';
import { StreamedOutput } from './output/streamed-output.js';
import type { TakenText } from './output/taken-text.js';

/** The marks of all outputs, by their paths relative to the first one, so that a folder can be moved as a whole. */
type WriterMark = Readonly<Record<string, OutputMark>>;

/** Writes the results of a lane, each class to its file. */
export class JsonFileWriter implements LaneWriter {
  private constructor(
    private readonly names: readonly string[],
    private readonly targets: readonly OutputTarget[],
    private readonly files: readonly Output[],
  ) {}

  static async open(targets: readonly OutputTarget[], mark: Json | undefined, run: OutputRun): Promise<JsonFileWriter> {
    const home = dirname(targets[0]?.path ?? '.');
    const names = targets.map(({ path }) => relative(home, path).replaceAll('\\', '/'));
    const marks = mark as unknown as WriterMark | undefined;
    const files: Output[] = new Array(targets.length);
    try {
      // Locked in the order of their names: of two mills with the same outputs, one gets all locks.
      const order = targets.map((_, i) => i).sort((one, other) => (targets[one]!.path < targets[other]!.path ? -1 : 1));
      for (const i of order) {
        files[i] = await openOutput(targets[i]!, marks && markOf(marks, names[i]!, targets[i]!), run);
      }
    } catch (error) {
      await closeAll(files.filter((file) => file !== undefined)).catch(() => {});
      throw error;
    }
    return new JsonFileWriter(names, targets, files);
  }

  write(output: number, elements: readonly object[]): void | Promise<void> {
    return this.writeTaken(output, elements.map(this.takerOf(output)));
  }

  takerOf(output: number): (element: object) => TakenText {
    return this.targets[output]!.take;
  }

  writeTaken(output: number, taken: readonly TakenText[]): void | Promise<void> {
    return this.files[output]!.write(taken);
  }

  async flush(): Promise<Json> {
    const marks = await allDone(this.files.map((file) => file.flush()));
    return Object.fromEntries(marks.map((mark, i) => [this.names[i]!, mark])) as unknown as Json;
  }

  async end(): Promise<void> {
    await allDone(this.files.map((file) => file.end()));
  }

  async publish(): Promise<void> {
    for (const file of this.files) await file.publish();
  }

  async close(): Promise<string | undefined> {
    const partial = await closeAll(this.files);
    const paths = partial.filter((path) => path !== undefined);
    return paths.length === 0 ? undefined : paths.join(', ');
  }
}

function openOutput(target: OutputTarget, mark: OutputMark | undefined, run: OutputRun): Promise<Output> {
  return target.isStream ? StreamedOutput.open(target, mark, run) : OutputFile.open(target, mark, run);
}

/**
 * Progress that does not contain an output belongs to a mill with other outputs: this output would start in the middle.
 */
function markOf(marks: WriterMark, name: string, { path, message }: OutputTarget): OutputMark {
  const mark = marks[name];
  if (mark !== undefined) return mark;
  const known = Object.keys(marks).join(', ') || 'none';
  throw outputChanged(path, `progress of this output, ${message}, too`, `progress of ${known}`);
}
