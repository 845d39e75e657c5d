import type { Json } from '../../base/json.js';
import type { LaneWriter, OutputRequest } from '../../brokers/broker.js';
import { schemaOf, writerOf } from '../../messages/index.js';
import type { ExploredCalls } from './explored-calls.js';
import type { Troubles } from './troubles.js';

/** The lines of each output, by the name of its class. */
export type Written = ReadonlyMap<string, string[]>;

/** Keeps the lines of results; lines that no commit covers are gone when the next run starts. */
export class ExploredWriter implements LaneWriter {
  readonly written: Written;
  private readonly lists: readonly string[][];
  private readonly lines: readonly ((element: object) => string)[];

  constructor(
    outputs: readonly OutputRequest[],
    mark: Json | undefined,
    before: Written | undefined,
    private readonly troubles: Troubles,
    private readonly calls: ExploredCalls,
  ) {
    const counts = (mark ?? []) as readonly number[];
    const names = outputs.map(({ message }) => schemaOf(message).name);
    this.lists = names.map((name, i) => before?.get(name)?.slice(0, counts[i] ?? 0) ?? []);
    this.lines = outputs.map(({ message }) => writerOf(message));
    this.written = new Map(names.map((name, i) => [name, this.lists[i]!]));
  }

  takerOf(output: number): (element: object) => string {
    const line = this.lines[output]!;
    return (element) => {
      const taken = line(element);
      this.calls.results.took(element, taken, () => line(element));
      return taken;
    };
  }

  writeTaken(output: number, taken: readonly string[]): void {
    this.troubles.reach('crash before results');
    const list = this.lists[output]!;
    for (const line of taken) list.push(line);
    this.troubles.reach('crash after results');
  }

  write(output: number, elements: readonly object[]): void {
    this.writeTaken(output, elements.map(this.takerOf(output)));
  }

  async flush(): Promise<Json> {
    this.troubles.throwIfCrashed();
    return this.lists.map(({ length }) => length);
  }

  async end(): Promise<void> {
    this.troubles.throwIfCrashed();
  }

  async publish(): Promise<void> {
    this.troubles.throwIfCrashed();
  }

  async close(): Promise<undefined> {}
}
