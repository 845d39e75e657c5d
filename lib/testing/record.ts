import type { Logger } from '../base/logger.js';
import { unknownOption } from '../base/option-names.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { Batch } from '../brokers/batch.js';
import type {
  Broker,
  BrokerLane,
  Connection,
  ConnectRequest,
  InputRequest,
  StandIn,
  StreamReader,
} from '../brokers/broker.js';
import { schemaOf } from '../messages/index.js';
import { inputPath } from './fixture.js';
import { Recording } from './recording.js';

/** The options of `record`. */
export interface RecordOptions {
  /**
   * The maximum number of elements of each stream to record, per lane; the run continues without being recorded.
   * Default: all.
   */
  readonly elements?: number;
}

/**
 * Wraps a broker to record its inputs as a fixture while a mill reads them: `inputs/<Name>.ndjson`, with several lanes
 * `inputs/<Name>/<lane>.ndjson`, for `replay`. Bad messages are recorded, too. Recording starts where the run starts to
 * read, and values are recorded before the mill uses them: a recording can be replayed even after a crash.
 *
 * It does not affect what a run reads, writes and commits. A failure to record is logged as a warning, and so is a
 * stream that the folder already has a recording of: that one is kept. A deserializer is called a second time for each
 * value.
 *
 * Throws `WM_TEST_KIT` for arguments that are invalid.
 *
 * @example
 * ```ts
 * const broker = record(kafka, 'fixtures/monday', { elements: 10_000 });
 * await new WaterMill({ process: SpeedMeter, broker }).run();
 * ```
 */
export function record(broker: Broker, folder: string, options: RecordOptions = {}): Broker {
  const isBroker = typeof broker?.streamOf === 'function' && typeof broker.connect === 'function';
  if (!isBroker) throw wrong(Array.isArray(broker) ? 'one broker (record each of several)' : 'a broker', broker);
  if (typeof folder !== 'string' || folder === '') throw wrong('the path of a folder', folder);
  if (typeof options !== 'object' || options === null) throw wrong('options { elements }', options);
  const unknown = unknownOption(options, ['elements']);
  if (unknown !== undefined) throw new WaterMillError('WM_TEST_KIT', `record() ${unknown.sentence}`, unknown.details);
  const { elements = Number.POSITIVE_INFINITY } = options;
  if (!(typeof elements === 'number' && elements >= 1)) throw wrong('elements of 1 or more', elements);
  return recordedBroker(broker, { folder, elements });
}

/** The folder of a recording, its limit, and the logger for failures: by default that of the mill. */
interface Where {
  readonly folder: string;
  readonly elements: number;
  readonly logger?: Logger;
}

/** The broker that `record` returns. */
export function recordedBroker(broker: Broker, where: Where): StandIn<Broker> {
  return {
    get name() {
      return broker.name;
    },
    get abilities() {
      return broker.abilities;
    },
    get timeouts() {
      return broker.timeouts;
    },
    get lag() {
      return broker.lag?.bind(broker);
    },
    streamOf: (message) => broker.streamOf(message),
    connect: async (request) => {
      const connection = await broker.connect(request);
      return request.aside ? connection : recorded(connection, request, where);
    },
  };
}

function recorded(connection: Connection, request: ConnectRequest, where: Where): StandIn<Connection> {
  const recordings: Recording[] = [];
  const hasLanes = (connection.laneCount ?? 1) > 1;
  async function* lanes(): AsyncIterable<BrokerLane> {
    for await (const lane of connection.lanes()) {
      yield recordedLane(lane, request, (inputs) => {
        const files = inputs.map((input) => ({
          input,
          file: inputPath(where.folder, schemaOf(input.message).name, hasLanes ? lane.name : undefined),
        }));
        const recording = Recording.begin(files, where.elements, where.logger ?? request.logger);
        recordings.push(recording);
        return recording;
      });
    }
  }
  return {
    runsUserCode: connection.runsUserCode,
    laneCount: connection.laneCount,
    lanes,
    openWriter: (lane, mark, isContinued, confirm) => connection.openWriter(lane, mark, isContinued, confirm),
    close: async () => {
      for (const recording of recordings) recording.close();
      await connection.close();
    },
  };
}

function recordedLane(
  lane: BrokerLane,
  { inputs }: ConnectRequest,
  begin: (inputs: readonly InputRequest[]) => Recording,
): StandIn<BrokerLane> {
  // The mill refuses anything that is not a lane.
  if (typeof lane?.openReader !== 'function') return lane as StandIn<BrokerLane>;
  const byStream = new Map<string, Recording>();
  const recordingOf = (index: number): Recording => {
    const { entry } = inputs[index] as InputRequest;
    const isRaw = entry.codec?.raw === true;
    const key = `${isRaw} ${entry.id}`;
    let recording = byStream.get(key);
    if (recording === undefined) {
      // One reader may serve several nodes.
      const ofStream = inputs.filter(
        (each) => each.entry.id === entry.id && (each.entry.codec?.raw === true) === isRaw,
      );
      recording = begin(ofStream);
      byStream.set(key, recording);
    }
    return recording;
  };
  const { afterEnd, restart, openTables, check, confirm, release } = lane;
  return {
    name: lane.name,
    label: lane.label,
    committed: lane.committed,
    committedIn: lane.committedIn,
    revoked: lane.revoked,
    lost: lane.lost,
    afterEnd: afterEnd?.bind(lane),
    restart: restart?.bind(lane),
    openTables: openTables?.bind(lane),
    check: check?.bind(lane),
    confirm: confirm?.bind(lane),
    release: release?.bind(lane),
    commit: (text, progress) => lane.commit(text, progress),
    openReader: async (input, mark) => recordedReader(await lane.openReader(input, mark), recordingOf(input)),
  };
}

function recordedReader(reader: StreamReader, recording: Recording): StandIn<StreamReader> {
  const { awaitsCommit, fraction, lag, waitsForMore, answersSince, answeredAt } = reader;
  const noted = (batch: Batch): Batch => {
    recording.add(batch);
    return batch;
  };
  return {
    onlyOnce: reader.onlyOnce,
    finishes: reader.finishes,
    awaitsCommit: awaitsCommit?.bind(reader),
    fraction: fraction?.bind(reader),
    lag: lag?.bind(reader),
    waitsForMore: waitsForMore?.bind(reader),
    answersSince: answersSince?.bind(reader),
    answeredAt: answeredAt?.bind(reader),
    read() {
      const answer = reader.read();
      return typeof (answer as Promise<Batch>)?.then === 'function'
        ? (answer as Promise<Batch>).then(noted)
        : noted(answer as Batch);
    },
    close: () => reader.close(),
  };
}

function wrong(expected: string, value: unknown): WaterMillError {
  const found = shownValue(value);
  return new WaterMillError('WM_TEST_KIT', `record(): expected ${expected}, found ${found}.`, { expected, found });
}
