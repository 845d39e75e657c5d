import { promises as fs } from 'node:fs';
import type { Class } from '../../base/class.js';
import { closeAll, inTurn } from '../../base/closers.js';
import type { Json } from '../../base/json.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type { BrokerLane, Connection, ConnectRequest, LaneProgress, LaneWriter, StreamReader } from '../broker.js';
import { ProgressFolder } from '../custom/progress-folder.js';
import { noResults } from '../no-results.js';
import type { DirectoryMark } from './batch-parts.js';
import type { DirectoryEntry } from './directory-entry.js';
import { cannotList } from './directory-errors.js';
import { DirectoryReader } from './directory-reader.js';
import { DirectoryStream } from './directory-stream.js';
import { isDataOf } from './file-rules.js';

/** One run over directories. It has one lane. */
export class DirectoryConnection implements Connection {
  private readonly readers = new Set<StreamReader>();
  private closing: Promise<void> | undefined;

  private constructor(
    private readonly request: ConnectRequest,
    private readonly progress: ProgressFolder | undefined,
    /** By the index of the input; inputs of the same stream share it. */
    private readonly streams: readonly DirectoryStream[],
  ) {}

  static async open(request: ConnectRequest, folder: string | undefined): Promise<DirectoryConnection> {
    const written = request.outputs[0];
    if (written !== undefined) throw readsOnly(written.message.name);
    if ((request.lanes ?? 1) > 1) throw severalLanes(request);
    const progress = folder === undefined ? undefined : await ProgressFolder.open(folder, request);
    try {
      await progress?.addTo(request.files);
      const streams = new Map<string, DirectoryStream>();
      for (const { entry, message } of request.inputs) {
        if (streams.has(entry.id)) continue;
        streams.set(entry.id, await DirectoryStream.open(entry as DirectoryEntry, request, folder));
        await refuseResultsAmong(entry as DirectoryEntry, message, request);
      }
      const byInput = request.inputs.map(({ entry }) => streams.get(entry.id)!);
      return new DirectoryConnection(request, progress, byInput);
    } catch (error) {
      await progress?.close();
      throw error;
    }
  }

  lanes(): Iterable<BrokerLane> {
    const lane: BrokerLane = {
      name: '0',
      committed: this.progress?.committed,
      committedIn: this.progress?.commitFile,
      afterEnd: () => this.afterEnd(),
      restart: () => this.restart(),
      openTables: this.progress?.openTables.bind(this.progress),
      openReader: async (input, mark) => this.openReader(input, mark),
      commit: (text, progress) => this.commit(text, progress),
    };
    return [lane];
  }

  async openWriter(): Promise<LaneWriter> {
    return noResults;
  }

  close(): Promise<void> {
    this.closing ??= this.shut();
    return this.closing;
  }

  private openReader(input: number, mark: Json | undefined): StreamReader {
    const stream = this.streams[input]!;
    const from = (mark as unknown as DirectoryMark | undefined) ?? { n: stream.journal.first, at: 0, next: 0 };
    stream.expectPlace(from.n, from.at);
    const reader = new DirectoryReader(stream, this.request.inputs[input]!, from);
    this.readers.add(reader);
    return reader;
  }

  /** Streams that end when they are empty continue in a new run with the files that have arrived since. */
  private async afterEnd(): Promise<'ended' | 'continue'> {
    for (const stream of new Set(this.streams)) {
      if (stream.entry.settings.endsWhenEmpty && (await stream.hasMore())) return 'continue';
    }
    return 'ended';
  }

  private async restart(): Promise<void> {
    await this.progress?.forget();
    for (const stream of new Set(this.streams)) await stream.forget();
  }

  private async commit(text: string, { positions, marks, ended }: LaneProgress): Promise<void> {
    await this.progress?.commit(text);
    const kept = ended ? positions.map((position, i) => Math.min(position, positionOf(marks[i]))) : positions;
    for (const stream of new Set(this.streams)) {
      const own = kept.filter((_, input) => this.streams[input] === stream);
      await stream.committed(Math.min(...own), ended && stream.entry.settings.endsWhenEmpty);
    }
  }

  private shut(): Promise<void> {
    return inTurn(
      () => closeAll(this.readers),
      () => this.progress?.close(),
    );
  }
}

/** Refuses results of other brokers that would be read as data of a directory. */
async function refuseResultsAmong(
  { label, settings }: DirectoryEntry,
  message: Class,
  { files }: ConnectRequest,
): Promise<void> {
  if (files === undefined) return;
  const given = settings.directory;
  const directory = await fs.realpath(given).catch((cause) => {
    throw cannotList({ message: message.name, directory: given }, given, cause);
  });
  files.addData(`data of ${label}, the input of ${message.name}`, (file) => isDataOf(directory, file, settings));
}

/** The position of the element at a mark. */
function positionOf(mark: Json | undefined): number {
  return mark === undefined ? 0 : (mark as unknown as DirectoryMark).next;
}

/** The error for several lanes: the order of the files is decided and recorded by one process. */
function severalLanes({ inputs, lanes }: ConnectRequest): WaterMillError {
  const name = inputs[0]?.message.name;
  return new WaterMillError(
    'WM_BROKER_CANNOT_FOLLOW',
    `${name} cannot be read from a directory by ${lanes} lanes: the order of its files is decided as they arrive, by one process, and lanes may be in several. ` +
      `Read ${name} from a file, or let the directory have the master.`,
    { message: name, expected: 'one lane', found: `${lanes} lanes` },
  );
}

function readsOnly(name: string): WaterMillError {
  return new WaterMillError(
    'WM_STREAM_MISSING',
    `DirectoryMessageBroker only reads, and the mill writes ${name}: give it an outputBroker that has an entry for ${name}.`,
    { message: name, expected: 'an outputBroker', found: 'none' },
  );
}
