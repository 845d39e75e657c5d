import { dirname, relative } from 'node:path';
import type { Json } from '../../base/json.js';
import type { LaneWriter } from '../broker.js';
import { OutputFile, type OutputMark, type OutputTarget } from './output-file.js';

/** The marks of all outputs, by their paths as seen from the first one: a folder can be moved as a whole. */
type WriterMark = Readonly<Record<string, OutputMark>>;

/** Writes the results of a lane, each class to its file. */
export class JsonFileWriter implements LaneWriter {
  private constructor(
    private readonly names: readonly string[],
    private readonly files: readonly OutputFile[],
  ) {}

  static async open(targets: readonly OutputTarget[], mark: Json | undefined): Promise<JsonFileWriter> {
    const home = dirname(targets[0]?.path ?? '.');
    const names = targets.map(({ path }) => relative(home, path).replaceAll('\\', '/'));
    const marks = (mark ?? {}) as unknown as WriterMark;
    const files: OutputFile[] = [];
    try {
      for (const [i, target] of targets.entries()) files.push(await OutputFile.open(target, marks[names[i]!]));
    } catch (error) {
      await Promise.all(files.map((file) => file.close()));
      throw error;
    }
    return new JsonFileWriter(names, files);
  }

  write(output: number, elements: readonly object[]): void | Promise<void> {
    return this.files[output]!.write(elements);
  }

  async flush(): Promise<Json> {
    const marks = await Promise.all(this.files.map((file) => file.flush()));
    return Object.fromEntries(marks.map((mark, i) => [this.names[i]!, mark])) as unknown as Json;
  }

  async end(): Promise<void> {
    await Promise.all(this.files.map((file) => file.end()));
  }

  async publish(): Promise<void> {
    for (const file of this.files) await file.publish();
  }

  async close(): Promise<string | undefined> {
    const partial = await Promise.all(this.files.map((file) => file.close()));
    const paths = partial.filter((path) => path !== undefined);
    return paths.length === 0 ? undefined : paths.join(', ');
  }
}
