import { randomUUID } from 'node:crypto';
import { promises as fs } from 'node:fs';
import path from 'node:path';
import type { Class } from '../../base/class.js';
import { thrownSentence } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { ifExists, makeDirectory, readKeptText, replaceFile } from '../../files/durable-files.js';
import { readerOf, schemaOf, writerOf } from '../../messages/index.js';
import { cannotKeep, type ProgressFolder } from './progress-folder.js';

/** A batch of all outputs. */
export interface OutboxBatch {
  /** Its name in the folder. */
  readonly name: string;
  /** The elements for the sink of each output. */
  readonly elements: readonly (readonly object[])[];
}

/** The names by which outputs are found in kept batches, in whatever order: the names of their classes, made unique. */
function namesOfOutputs(outputs: readonly Class[]): readonly string[] {
  const counts = new Map<string, number>();
  return outputs.map((message) => {
    const { name } = schemaOf(message);
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return count === 1 ? name : `${name}#${count}`;
  });
}

/**
 * A folder of batches that are about to be given to sinks: a batch is written completely before the commit that covers
 * it, and removed when its sinks are done. So a batch that is repeated after a crash is the same, under the same id.
 *
 * ```text
 * <folder>/id                   a random text, which begins the ids of all batches
 * <folder>/<number>-<run>.json  a batch: the elements by the name of their class
 * ```
 *
 * The name of a file has a random text for each run: a process that has lost its lane to another one may still write
 * a batch of the same number, and must not replace the one that was committed.
 */
export class Outbox {
  private readonly run = randomUUID().slice(0, 8);

  private constructor(
    readonly folder: string,
    private readonly outputs: readonly Class[],
    private currentId: string,
    /** The lock of the folder, if this outbox owns it: released on close. */
    private readonly owner: ProgressFolder | undefined,
  ) {}

  static async open(folder: string, outputs: readonly Class[], owner?: ProgressFolder): Promise<Outbox> {
    try {
      await makeDirectory(path.resolve(folder));
      const id = (await ifExists(readKeptText(path.join(folder, 'id'))))?.trim();
      const outbox = new Outbox(folder, outputs, id ?? '', owner);
      if (!id) await outbox.renewId();
      return outbox;
    } catch (cause) {
      await owner?.close();
      throw cannotKeep(folder, cause);
    }
  }

  async close(): Promise<void> {
    await this.owner?.close();
  }

  /** Identifies the folder in commits, and begins the ids of batches; different after each restart from the beginning. */
  get id(): string {
    return this.currentId;
  }

  /** Replaces the id: no earlier commit can find its batches here any more. */
  async renewId(): Promise<void> {
    this.currentId = randomUUID();
    await replaceFile(path.join(this.folder, 'id'), this.currentId);
  }

  /** The names of the kept batches. */
  async names(): Promise<readonly string[]> {
    const files = await fs.readdir(this.folder);
    return files.flatMap((file) => (file.endsWith(ending) ? [file.slice(0, -ending.length)] : []));
  }

  async keep(number: number, elements: OutboxBatch['elements']): Promise<OutboxBatch> {
    const names = namesOfOutputs(this.outputs);
    const lists = elements.flatMap((list, output) => {
      if (list.length === 0) return [];
      const write = writerOf<any>(this.outputs[output]!);
      return `${JSON.stringify(names[output])}:[${list.map(write).join(',\n')}]`;
    });
    const name = `${number}-${this.run}`;
    try {
      await replaceFile(this.file(name), `{"elements":{${lists.join(',\n')}}}\n`);
    } catch (cause) {
      throw cannotKeep(this.folder, cause);
    }
    return { name, elements };
  }

  /**
   * Reads a batch; undefined if it was removed. The outputs of a mill may have changed since, so classes are found by
   * name.
   *
   * @throws WaterMillError `WM_OUTPUT_CHANGED` if the batch holds results that the mill no longer has.
   */
  async read(name: string): Promise<OutboxBatch | undefined> {
    const file = this.file(name);
    const text = await ifExists(readKeptText(file));
    if (text === undefined) return undefined;
    const lists = readAs(file, () => listsIn(text));
    const names = namesOfOutputs(this.outputs);
    for (const [output, list] of lists) {
      if (!names.includes(output)) throw noLongerWritten(file, output, list.length);
    }
    const elements = readAs(file, () =>
      this.outputs.map((message, output) =>
        (lists.get(names[output]!) ?? []).map((value) => readerOf<any>(message)(value)),
      ),
    );
    return { name, elements };
  }

  async remove(name: string): Promise<void> {
    try {
      await ifExists(fs.unlink(this.file(name)));
    } catch (cause) {
      throw cannotKeep(this.folder, cause);
    }
  }

  private file(name: string): string {
    return path.join(this.folder, name + ending);
  }
}

const ending = '.json';

/** Parses a batch file. Anything unexpected is damage: skipping a batch would lose results. */
function listsIn(text: string): ReadonlyMap<string, readonly unknown[]> {
  const { elements } = (JSON.parse(text) ?? {}) as { readonly elements?: unknown };
  const lists = new Map<string, readonly unknown[]>();
  if (typeof elements !== 'object' || elements === null || Array.isArray(elements)) {
    throw new Error('it has no `elements`');
  }
  for (const [name, list] of Object.entries(elements)) {
    if (!Array.isArray(list)) throw new Error(`the elements of ${name} are not a list`);
    lists.set(name, list);
  }
  return lists;
}

function readAs<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new WaterMillError(
      'WM_PROGRESS_DAMAGED',
      `${file} cannot be read as the batch that was about to be written: ${thrownSentence(cause)} ` +
        'Restore the file, or delete it: its results are then lost.',
      { stream: file },
      { cause },
    );
  }
}

function noLongerWritten(file: string, name: string, count: number): WaterMillError {
  return new WaterMillError(
    'WM_OUTPUT_CHANGED',
    `${file} holds ${count} results of ${name} that were about to be written to their sink when the last run ended, and this mill has no batch sink for ${name}. ` +
      `Run the mill again with the sink of ${name}, or delete the file: its results are then lost.`,
    { stream: file, message: name, expected: `a batch sink for ${name}`, found: 'none' },
  );
}
