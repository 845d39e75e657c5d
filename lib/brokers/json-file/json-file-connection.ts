import { promises as fs } from 'node:fs';
import { dirname } from 'node:path';
import type { Json } from '../../base/json.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { writerOf } from '../../messages/index.js';
import type { BrokerLane, Connection, ConnectRequest, LaneName, LaneWriter, StreamReader } from '../broker.js';
import type { FileMark } from './batch-parser.js';
import { ifExists, replaceFile } from './durable-files.js';
import { type FileFormat, formatByName } from './file-format.js';
import { followLinks, laneFileName, lockName, partialName, progressName } from './file-names.js';
import { GroupLock } from './group-lock.js';
import type { InputFile } from './input-file.js';
import { JsonFileWriter } from './json-file-writer.js';
import { openReader } from './open-reader.js';
import { writing } from './output-errors.js';
import type { OutputTarget } from './output-file.js';

/** What the broker was told, with the defaults filled in. */
export interface JsonFileSettings {
  readonly group: string | undefined;
  readonly format: FileFormat | undefined;
  readonly maxElementBytes: number;
}

/** One run over files: they are one lane; each lane of another broker writes files of its own. */
export class JsonFileConnection implements Connection {
  private readonly readers = new Set<StreamReader>();
  private readonly writers = new Set<LaneWriter>();

  private constructor(
    private readonly inputs: readonly InputFile[],
    /** By lane. */
    private readonly outputs: ReadonlyMap<LaneName, readonly OutputTarget[]>,
    /** Where progress is kept, if it is. */
    private readonly progress: string | undefined,
    private readonly lock: GroupLock | undefined,
    private readonly committed: string | undefined,
  ) {}

  static async open(settings: JsonFileSettings, request: ConnectRequest): Promise<JsonFileConnection> {
    const inputs = await Promise.all(
      request.inputs.map(async ({ message, entry }) => ({
        path: await followLinks(entry.id),
        message: message.name,
        options: { raw: entry.codec?.raw === true, maxElementBytes: settings.maxElementBytes },
      })),
    );
    const outputs = await targetsOf(settings, request);
    const all = [...outputs.values()].flat();
    refuseSameFile(inputs, all);
    const home = all[0]?.path ?? inputs[0]?.path;
    // Lanes of another broker may be at work in several processes: each has files of its own.
    const isShared = (request.lanes ?? 1) > 1;
    if (settings.group === undefined || home === undefined || isShared) {
      return new JsonFileConnection(inputs, outputs, undefined, undefined, undefined);
    }
    return JsonFileConnection.resume(inputs, outputs, home, settings.group);
  }

  private static async resume(
    inputs: readonly InputFile[],
    outputs: ReadonlyMap<LaneName, readonly OutputTarget[]>,
    home: string,
    group: string,
  ): Promise<JsonFileConnection> {
    const progress = progressName(home, group);
    if ([...outputs.values()].flat().length > 0) await writing(home, fs.mkdir(dirname(home), { recursive: true }));
    const lock = await GroupLock.take(lockName(home, group), group);
    try {
      const committed = await writing(progress, ifExists(fs.readFile(progress, 'utf8')));
      return new JsonFileConnection(inputs, outputs, progress, lock, committed);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  lanes(): Iterable<BrokerLane> {
    return [
      {
        name: '0',
        committed: this.committed,
        restart: () => this.restart(),
        openReader: (input, mark) => this.openReader(input, mark),
        commit: (text) => this.commit(text),
      },
    ];
  }

  async openWriter(lane: LaneName, mark: Json | undefined): Promise<LaneWriter> {
    const writer = await JsonFileWriter.open(this.outputs.get(lane) ?? [], mark);
    this.writers.add(writer);
    return writer;
  }

  async close(): Promise<void> {
    await Promise.all([...this.readers, ...this.writers].map((opened) => opened.close()));
    await this.lock?.release();
  }

  private async openReader(input: number, mark: Json | undefined): Promise<StreamReader> {
    const reader = await openReader(this.inputs[input]!, mark as unknown as FileMark | undefined);
    this.readers.add(reader);
    return reader;
  }

  /** Before the partial results are begun anew: with those of another plan's progress they would not go together. */
  private async restart(): Promise<void> {
    if (this.progress !== undefined) await writing(this.progress, ifExists(fs.unlink(this.progress)));
  }

  private async commit(text: string): Promise<void> {
    if (this.progress !== undefined) await writing(this.progress, replaceFile(this.progress, text));
  }
}

async function targetsOf(
  settings: JsonFileSettings,
  { inputs, outputs, lanes = 1 }: ConnectRequest,
): Promise<Map<LaneName, OutputTarget[]>> {
  // Where the progress is kept by somebody else, it counts on what was flushed.
  const durable = settings.group !== undefined || inputs.length === 0;
  const targets = new Map<LaneName, OutputTarget[]>();
  for (let lane = 0; lane < lanes; lane++) {
    const nameOf = (path: string): string => (lanes === 1 ? path : laneFileName(path, String(lane)));
    const made = outputs.map(async ({ message, entry }) => {
      const path = await followLinks(nameOf(entry.id));
      const partial = partialName(path, settings.group);
      const format = settings.format ?? formatByName(path);
      return { path, partial, format, durable, write: writerOf(message, entry.codec) };
    });
    targets.set(String(lane), await Promise.all(made));
  }
  return targets;
}

/** The plan has compared the paths as they are spelt; here links are followed. */
function refuseSameFile(inputs: readonly InputFile[], outputs: readonly OutputTarget[]): void {
  const written = new Set<string>();
  for (const { path } of outputs) {
    const reader = inputs.find((input) => input.path === path);
    if (reader !== undefined) throw sameFile(path, `is the input of ${reader.message}`);
    if (written.has(path)) throw sameFile(path, 'is the output of two classes');
    written.add(path);
  }
}

function sameFile(path: string, what: string): WaterMillError {
  return new WaterMillError(
    'WM_SAME_FILE',
    `${path} would be written, but ${what} as well. Give every result class a file of its own.`,
    { stream: path, expected: 'a file for one use', found: what },
  );
}
