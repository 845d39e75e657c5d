import path from 'node:path';
import { closeAll, inTurn } from '../../base/closers.js';
import type { Json } from '../../base/json.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { BrokerLane, Connection, ConnectRequest, LaneName, StreamReader } from '../broker.js';
import type { CustomInput } from './custom-input.js';
import type { CustomOutput } from './custom-output.js';
import { CustomWriter, owesResults } from './custom-writer.js';
import { Outbox } from './outbox.js';
import { ProgressFolder } from './progress-folder.js';

/** How long the previous owner of a lane may take to release its outbox, in milliseconds. */
const laneChangesHandsMs = 15_000;

/** One run with custom sources and sinks. It has one lane. */
export class CustomConnection implements Connection {
  readonly runsUserCode = true;
  private readonly readers = new Set<StreamReader>();
  private readonly writers = new Set<CustomWriter>();
  /** Which lanes of this process write to the sinks, and whether they have ended. */
  private readonly hasEnded = new Map<LaneName, boolean>();
  private sinksEnded = false;
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly request: ConnectRequest,
    private readonly folder: string | undefined,
    /** The folder that keeps the progress; undefined if this broker only accepts results. */
    private readonly progress: ProgressFolder | undefined,
  ) {}

  static async open(request: ConnectRequest, folder: string | undefined): Promise<CustomConnection> {
    for (const { message, entry } of request.inputs) if (!('openReader' in entry)) throw onlyASink(message.name);
    for (const { message, entry } of request.outputs) if (!('sink' in entry)) throw onlyASource(message.name);
    const leads = request.inputs.length > 0 && request.lanes === undefined;
    const progress = folder !== undefined && leads ? await ProgressFolder.open(folder, request) : undefined;
    try {
      await progress?.addTo(request.files);
      return new CustomConnection(request, folder, progress);
    } catch (error) {
      await progress?.close();
      throw error;
    }
  }

  lanes(): Iterable<BrokerLane> {
    const { progress } = this;
    const lane: BrokerLane = {
      name: '0',
      committed: progress?.committed,
      committedIn: progress?.commitFile,
      restart: async () => progress?.forget(),
      openTables: progress?.openTables.bind(progress),
      openReader: async (input, mark) => {
        const reader = (this.request.inputs[input]!.entry as CustomInput).openReader(this.request.clock, mark);
        this.readers.add(reader);
        return reader;
      },
      commit: async (text) => progress?.commit(text),
    };
    return [lane];
  }

  async openWriter(
    lane: LaneName,
    mark: Json | undefined,
    _isContinued?: boolean,
    confirm?: () => Promise<void>,
  ): Promise<CustomWriter> {
    const { request, folder } = this;
    const outputs = request.outputs.map(({ message, entry }) => ({ message, sink: (entry as CustomOutput).sink }));
    const needsOutbox = outputs.some(({ sink }) => sink.kind === 'batches') || owesResults(mark);
    // If every run starts over, there are no commits after which kept batches could be delivered.
    const isKept = needsOutbox && request.startsOver !== true;
    const outbox = folder !== undefined && isKept ? await this.openOutbox(folder, lane, confirm) : undefined;
    this.hasEnded.set(lane, false);
    const onEnd = async (): Promise<void> => {
      this.hasEnded.set(lane, true);
      if (this.hasEnded.size >= (request.lanes ?? 1)) await this.endSinks();
    };
    const onTaken = (): void => {
      this.hasEnded.delete(lane);
    };
    const setting = { onEnd, onTaken, logger: request.logger };
    const writer = await CustomWriter.open(outputs, lane, outbox, setting, mark);
    this.writers.add(writer);
    return writer;
  }

  /**
   * Opens the outbox of a lane. If another broker leads, each lane has its own outbox with its own lock; an outbox that
   * changes hands is waited for.
   */
  private async openOutbox(
    folder: string,
    lane: LaneName,
    confirm: (() => Promise<void>) | undefined,
  ): Promise<Outbox> {
    const { outputs, lanes = 1 } = this.request;
    const classes = outputs.map(({ message }) => message);
    if (this.progress !== undefined) return Outbox.open(path.join(folder, 'outbox'), classes);
    const place = path.join(folder, 'outbox', `lane-${lane}`);
    const patienceMs = lanes > 1 || confirm !== undefined ? laneChangesHandsMs : 0;
    const owner = await ProgressFolder.open(place, this.request, patienceMs);
    try {
      await confirm?.();
    } catch (error) {
      await owner.close();
      throw error;
    }
    return Outbox.open(place, classes, owner);
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  /** All lanes write to the same sinks: they end when all lanes have. Others may be in other processes. */
  private async endSinks(): Promise<void> {
    const ends = [...this.hasEnded.values()];
    if (this.sinksEnded || ends.length === 0 || ends.includes(false)) return;
    this.sinksEnded = true;
    for (const { entry } of this.request.outputs) await (entry as CustomOutput).sink.end();
  }

  private shut(): Promise<void> {
    return inTurn(
      () => this.endSinks(),
      () => closeAll<unknown>([...this.readers, ...this.writers]),
      () => this.progress?.close(),
    );
  }
}

function onlyASink(name: string): WaterMillError {
  return mistaken(name, 'a source', 'a sink', 'sources');
}

function onlyASource(name: string): WaterMillError {
  return mistaken(name, 'a sink', 'a source', 'sinks');
}

function mistaken(name: string, expected: string, found: string, list: string): WaterMillError {
  return new WaterMillError(
    'WM_STREAM_MISSING',
    `CustomMessageBroker has ${found} for ${name}, and the mill needs ${expected}: add [${name}, …] to its ${list}.`,
    { message: name, expected, found },
  );
}
