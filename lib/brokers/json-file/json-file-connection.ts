import { dirname } from 'node:path';
import { closeAll, inTurn } from '../../base/closers.js';
import type { Json } from '../../base/json.js';
import { FileLock } from '../../files/file-lock.js';
import { makeFolders } from '../../files/make-folders.js';
import type {
  BrokerLane,
  Connection,
  ConnectRequest,
  LaneName,
  LaneProgress,
  LaneWriter,
  StreamReader,
} from '../broker.js';
import type { KeptTables, TableRequest } from '../kept-tables.js';
import type { FileMark } from '../parsing/text-batch.js';
import { TableFiles } from '../table-files/table-files.js';
import { UsedFiles } from '../used-files.js';
import { changedSinceMark } from './changed-inputs.js';
import { expectSharedReaders } from './file-entry.js';
import { changeSince, fileIdentityOf, identityOfFollowed } from './file-identity.js';
import { followLinks, progressName, tablesName } from './file-names.js';
import { GroupInputs } from './group-inputs.js';
import { groupOverPipe, notAside } from './input-errors.js';
import { type InputFile, inputFileOf, isPipe, type OpenedFiles } from './input-file.js';
import type { JsonFileSettings } from './json-file-options.js';
import { JsonFileWriter } from './json-file-writer.js';
import { KeptProgress } from './kept-progress.js';
import { openReader } from './open-reader.js';
import { groupInUse, writing } from './output/output-errors.js';
import { OutputFile } from './output/output-file.js';
import type { OutputTarget } from './output/output-target.js';
import { targetsOf } from './output/output-targets.js';
import { refuseSharedFiles } from './output/used-names.js';

/** How long to wait for the outputs of a lane that changes hands: it may still be running elsewhere. Milliseconds. */
const patienceWithLanesMs = 15_000;

/** The progress of a group, and the state of its inputs. */
interface Group {
  readonly progress: KeptProgress;
  readonly inputs: GroupInputs;
  /** The folder of its tables. */
  readonly tables: string;
}

/** One run over files. It has one lane; if another broker leads, each of that one's lanes writes its own files. */
export class JsonFileConnection implements Connection {
  private readonly readers = new Set<StreamReader>();
  private readonly writers = new Set<LaneWriter>();
  private readonly openedFiles: OpenedFiles = new Map();
  private tables: TableFiles | undefined;

  private constructor(
    private readonly request: ConnectRequest,
    private readonly inputs: readonly InputFile[],
    /** By lane. */
    private readonly outputs: ReadonlyMap<LaneName, readonly OutputTarget[]>,
    /** Undefined if no progress is kept. */
    private readonly group: Group | undefined,
    /** The last commit of a group, read next to its runs. */
    private readonly aside?: string | undefined,
  ) {}

  static async open(settings: JsonFileSettings, request: ConnectRequest): Promise<JsonFileConnection> {
    expectSharedReaders(request.inputs);
    const inputs = await Promise.all(request.inputs.map((input) => inputFileOf(input, settings, request.clock)));
    if (request.aside) {
      await refuseOthers(inputs);
      return new JsonFileConnection(
        request,
        inputs,
        new Map(),
        undefined,
        await committedAside(inputs, settings, request),
      );
    }
    if (settings.group !== undefined) await refusePipes(inputs, settings.group);
    const outputs = await targetsOf(settings, request);
    const all = [...outputs.values()].flat();
    const { files = new UsedFiles() } = request;
    const home = all[0]?.path ?? inputs[0]?.path;
    // Lanes of another broker may run in several processes, each with its own files.
    const isShared = (request.lanes ?? 1) > 1;
    if (settings.group === undefined || home === undefined || isShared) {
      await refuseSharedFiles(files, inputs, all, undefined);
      return new JsonFileConnection(request, inputs, outputs, undefined);
    }
    await refuseSharedFiles(files, inputs, all, progressName(home, settings.group));
    if (all.length > 0) await writing(home, makeFolders(dirname(home)));
    const removal = OutputFile.removeDeadLocks(all, request);
    const progress = await openProgress(home, settings.group, request).finally(() => removal);
    const group = {
      progress,
      inputs: new GroupInputs(inputs, progress, settings.onEnded),
      tables: tablesName(home, settings.group),
    };
    return new JsonFileConnection(request, inputs, outputs, group);
  }

  lanes(): Iterable<BrokerLane> {
    return [
      {
        name: '0',
        committed: this.group?.progress.committed ?? this.aside,
        committedIn: this.group?.progress.path,
        afterEnd: () => this.afterEnd(),
        restart: async () => this.group?.progress.forget(),
        openTables: (tables, mark) => this.openTables(tables, mark),
        openReader: (input, mark) => this.openReader(input, mark),
        commit: (text, progress) => this.commit(text, progress),
      },
    ];
  }

  async openWriter(
    lane: LaneName,
    mark: Json | undefined,
    isContinued = false,
    confirm?: () => Promise<void>,
  ): Promise<LaneWriter> {
    const { signal, logger, lanes = 1 } = this.request;
    const patienceMs = lanes > 1 || confirm !== undefined ? patienceWithLanesMs : 0;
    const run = { signal, logger, patienceMs, isContinued, confirm };
    const targets = this.outputs.get(lane) ?? [];
    // With a group, they were removed together with that on its progress.
    if (this.group === undefined) await OutputFile.removeDeadLocks(targets, run);
    const writer = await JsonFileWriter.open(targets, mark, run);
    this.writers.add(writer);
    return writer;
  }

  /** Closes everything, even if some of it fails: a lock that is not released blocks the next run. */
  close(): Promise<void> {
    return inTurn(
      () => closeAll<unknown>([...this.readers, ...this.writers]),
      () => this.group?.inputs.close(),
      () => this.group?.progress.close(),
    );
  }

  private async openReader(input: number, mark: Json | undefined): Promise<StreamReader> {
    const from = mark as unknown as FileMark | undefined;
    const file = this.inputs[input]!;
    const change = from?.of && (await changeSince(file, from.of));
    if (change !== undefined) throw changedSinceMark(file, change);
    // If another broker leads, it keeps the marks, and they must identify the file.
    const isLed = this.request.lanes !== undefined;
    const identity = isLed ? await fileIdentityOf(file) : undefined;
    const open = (at: FileMark | undefined) => openReader(file, at, this.openedFiles);
    const reader = await (this.group === undefined ? open(from) : this.group.inputs.open(input, from, open));
    if (identity !== undefined) reader.identify = () => identity;
    if (isLed && reader.lastFollowed !== undefined) reader.identify = () => identityOfFollowed(reader.lastFollowed!);
    this.readers.add(reader);
    return reader;
  }

  private async openTables(tables: readonly TableRequest[], mark: Json | undefined): Promise<KeptTables> {
    const { progress, tables: folder } = this.group as Group;
    this.tables = await TableFiles.open(folder, tables, mark, { confirm: () => progress.confirm() });
    return this.tables;
  }

  private async afterEnd(): Promise<'ended' | 'restart' | 'continue'> {
    return (await this.group?.inputs.afterEnd()) ?? 'ended';
  }

  private async commit(text: string, { ended }: LaneProgress): Promise<void> {
    if (this.group === undefined) return;
    await this.group.progress.commit(text, await this.group.inputs.states(ended));
    await this.tables?.committed();
  }
}

/** Keeping progress for a pipe would be useless: a pipe cannot be reopened in the middle. */
async function refusePipes(inputs: readonly InputFile[], group: string): Promise<void> {
  for (const input of inputs) if (await isPipe(input)) throw groupOverPipe(input, group);
}

/** Throws for inputs that a run would consume, or that have no end. */
async function refuseOthers(inputs: readonly InputFile[]): Promise<void> {
  for (const input of inputs) {
    if (await isPipe(input)) throw notAside(input, 'a pipe, which can be read only once');
    if (input.follows !== undefined) throw notAside(input, 'followed while it grows');
  }
}

async function committedAside(
  inputs: readonly InputFile[],
  { group }: JsonFileSettings,
  { outputsOfRuns = [] }: ConnectRequest,
): Promise<string | undefined> {
  if (group === undefined) return undefined;
  const [output] = outputsOfRuns;
  const home = output === undefined ? inputs[0]?.path : await followLinks(output.entry.id);
  return home === undefined ? undefined : KeptProgress.committedIn(progressName(home, group));
}

async function openProgress(home: string, group: string, { signal, logger }: ConnectRequest): Promise<KeptProgress> {
  const lock = await writing(
    home,
    FileLock.take(progressName(home, group), {
      inUse: (owner, file) => groupInUse(home, group, owner, file),
      signal,
      onWatch: (owner, file) =>
        logger.info({ group, lock: file }, `Checking for up to 10 s whether ${owner} still has the group '${group}'`),
    }),
  );
  try {
    return await KeptProgress.open(progressName(home, group), lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}
