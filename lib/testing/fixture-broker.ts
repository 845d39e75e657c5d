import type { Class } from '../base/class.js';
import { isWaterMillError } from '../base/watermill-error.js';
import type {
  Broker,
  BrokerAbilities,
  BrokerLane,
  Connection,
  ConnectRequest,
  LaneName,
  StreamEntry,
} from '../brokers/broker.js';
import type { OpenedFiles } from '../brokers/json-file/input-file.js';
import { defaultMaxElementBytes } from '../brokers/json-file/json-file-options.js';
import type { JsonFileReader } from '../brokers/json-file/json-file-reader.js';
import { openReader } from '../brokers/json-file/open-reader.js';
import type { FileMark } from '../brokers/parsing/text-batch.js';
import { isMessageClass, schemaOf, writerOf } from '../messages/index.js';
import { type Fixture, fixtureError } from './fixture.js';
import { KeptWriter } from './kept-writer.js';

/** The lines that a mill wrote to an output, by lane. */
type LaneLines = Map<LaneName, string[]>;

/** Reads the inputs of a fixture, like files of lines, and keeps the results in memory. */
export class FixtureBroker implements Broker {
  readonly name = 'replay';
  readonly abilities: BrokerAbilities = Object.freeze({
    remembers: false,
    rereads: true,
    transactions: false,
    writesAnyClass: true,
    readsAside: true,
    partitionsByKey: true,
  });
  /** The classes that a mill asked for, by their own names: those of the plan. */
  private readonly asked = new Map<string, string>();
  private readonly outputs = new Map<string, LaneLines>();

  constructor(private readonly fixture: Fixture) {}

  streamOf(message: Class): StreamEntry | undefined {
    const name = isMessageClass(message) ? schemaOf(message).name : message.name;
    this.asked.set(message.name, name);
    if (!this.fixture.inputs.has(name)) return undefined;
    return { label: this.fixture.inputOf(name), id: `input ${name}` };
  }

  /** Returns whether a mill that reads or writes here was made. */
  get isUsed(): boolean {
    return this.asked.size > 0;
  }

  async connect(request: ConnectRequest): Promise<Connection> {
    const { lanes, files } = this.fixture.lanesOf(request.inputs.map(({ message }) => schemaOf(message).name));
    const outputs = request.outputs.map(({ message }) => this.outputOf(schemaOf(message).name));
    const writers = request.outputs.map(({ message }) => writerOf(message));
    const readers: JsonFileReader[] = [];
    const openedFiles: OpenedFiles = new Map();
    const laneOf = (name: LaneName): BrokerLane => ({
      name,
      label: lanes.length > 1 ? `lane ${name}` : undefined,
      committed: undefined,
      openReader: async (input, mark) => {
        const { message, entry } = request.inputs[input]!;
        const path = files[input]?.get(name);
        // A partition may be empty.
        if (path === undefined)
          return { read: () => ({ values: [], first: 0, mark: 0, end: true }), close: async () => {} };
        const options = { raw: entry.codec?.raw === true, maxElementBytes: defaultMaxElementBytes };
        const file = { path, message: message.name, format: 'lines' as const, options };
        const reader = await openReader(file, mark as unknown as FileMark | undefined, openedFiles);
        readers.push(reader);
        return reader;
      },
      commit: async () => {},
    });
    return {
      laneCount: lanes.length,
      lanes: () => lanes.map(laneOf),
      openWriter: async (lane) =>
        new KeptWriter(
          writers,
          outputs.map((lines) => linesOf(lines, lane)),
        ),
      close: async () => {
        await Promise.all(readers.map((reader) => reader.close()));
      },
    };
  }

  /** The lines of every output, lane by lane. */
  results(): ReadonlyMap<string, readonly string[]> {
    const byNumber = ([a]: [LaneName, string[]], [b]: [LaneName, string[]]): number => Number(a) - Number(b);
    return new Map(
      [...this.outputs].map(([name, lines]) => [name, [...lines].sort(byNumber).flatMap(([, each]) => each)]),
    );
  }

  /** Converts the error for a mill that reads a stream missing in the fixture to one about the fixture. */
  inWords(error: unknown): unknown {
    if (!isWaterMillError(error) || error.code !== 'WM_STREAM_MISSING' || !error.message.startsWith(this.name))
      return error;
    const { folder, inputs } = this.fixture;
    const message = this.asked.get(error.details.message ?? '') ?? '';
    const expected = this.fixture.inputOf(message);
    const found = [...inputs.keys()].join(', ') || 'nothing';
    const sentence = `The fixture ${folder} has no input for ${message}: expected ${expected}, found ${found}`;
    return fixtureError(sentence, { message, expected, found }, error);
  }

  private outputOf(name: string): LaneLines {
    const lines = this.outputs.get(name) ?? new Map();
    this.outputs.set(name, lines);
    return lines;
  }
}

function linesOf(lanes: LaneLines, lane: LaneName): string[] {
  const lines = lanes.get(lane) ?? [];
  lanes.set(lane, lines);
  return lines;
}
