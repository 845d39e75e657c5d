import type { MessageClass } from '../../base/class.js';
import type { LaneName } from '../../brokers/broker.js';
import type { StreamCodec } from '../../messages/codec.js';
import { EndOfStream, isMessageClass, schemaOf } from '../../messages/index.js';
import { type Fixture, fileLines } from '../fixture.js';
import { lineOf } from '../line-of-value.js';

/** The lines of a stream, by lane. */
export type StreamLines = ReadonlyMap<LaneName, readonly string[]>;

/** The place of an element. */
interface Place {
  readonly stream: string;
  readonly lane: LaneName;
  readonly index: number;
}

/** The inputs of the explored mills: lines of JSON, as in a fixture, by the names of their streams. */
export class ExploredInputs {
  readonly lanes: readonly LaneName[];

  constructor(readonly streams: ReadonlyMap<string, StreamLines>) {
    const lanes = new Set([...streams.values()].flatMap((lines) => [...lines.keys()]));
    this.lanes = [...lanes].sort((a, b) => Number(a) - Number(b));
  }

  static async ofFixture(fixture: Fixture): Promise<ExploredInputs> {
    const streams = new Map<string, StreamLines>();
    const names = [...fixture.inputs.keys()];
    const { files } = fixture.lanesOf(names);
    for (const [i, name] of names.entries()) {
      const lanes = new Map<LaneName, readonly string[]>();
      for (const [lane, file] of files[i]!) {
        lanes.set(
          lane,
          (await fileLines(file)).filter((line) => line.trim() !== ''),
        );
      }
      streams.set(name, lanes);
    }
    return new ExploredInputs(streams);
  }

  /** The inputs from entries for a `MemoryMessageBroker`; `wrong` makes the error for an invalid entry. */
  static ofEntries(entries: readonly unknown[], wrong: (expected: string, found: unknown) => Error): ExploredInputs {
    const streams = new Map<string, StreamLines>();
    // Entries may share an iterable that can be iterated only once.
    const known = new Map<unknown, readonly unknown[]>();
    for (const entry of entries) {
      const [message, values, codec] = Array.isArray(entry) ? entry : [];
      const isIterable = typeof values === 'object' && values !== null && Symbol.iterator in values;
      if (!isMessageClass(message) || !isIterable) throw wrong('entries [Class, elements] in inputs', entry);
      const { name } = schemaOf(message);
      if (streams.has(name)) throw wrong('one entry of each class in inputs', message);
      const list = known.get(values) ?? [...values];
      known.set(values, list);
      streams.set(name, new Map([['0', linesOf(message, list, codec)]]));
    }
    return new ExploredInputs(streams);
  }

  get count(): number {
    return this.places().length;
  }

  /** The first elements of each stream, in each lane. */
  beginning(count: number): ExploredInputs {
    return this.only(({ index }) => index < count);
  }

  without(left: ReadonlySet<Place>): ExploredInputs {
    const keys = new Set([...left].map(keyOf));
    return this.only((place) => !keys.has(keyOf(place)));
  }

  /** The places of all elements; elements of different streams that are about equally far along are adjacent. */
  places(): Place[] {
    const places: (Place & { readonly at: number })[] = [];
    for (const [stream, lanes] of this.streams)
      for (const [lane, lines] of lanes)
        for (let index = 0; index < lines.length; index++)
          places.push({ stream, lane, index, at: index / lines.length });
    return places.sort((a, b) => a.at - b.at);
  }

  private only(isKept: (place: Place) => boolean): ExploredInputs {
    const kept = [...this.streams].map(([stream, lanes]): [string, StreamLines] => [
      stream,
      new Map([...lanes].map(([lane, lines]) => [lane, lines.filter((_, index) => isKept({ stream, lane, index }))])),
    ]);
    return new ExploredInputs(new Map(kept));
  }
}

function keyOf({ stream, lane, index }: Place): string {
  return `${index} ${lane} ${stream}`;
}

/** Writes elements with their class, whatever they were read from. */
function linesOf(
  message: MessageClass<any>,
  values: readonly unknown[],
  codec: StreamCodec<any> | undefined,
): string[] {
  const entry = { label: message.name, id: message.name, codec, acceptPropertyNames: true };
  const line = lineOf({ message, entry });
  const lines: string[] = [];
  for (const value of values) {
    if (value instanceof EndOfStream) break;
    lines.push(line(value));
  }
  return lines;
}
