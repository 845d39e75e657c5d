import { allDone } from '../../base/closers.js';
import type { Json } from '../../base/json.js';
import type { LaneWriter } from '../broker.js';
import { brokerError, whenWorking } from '../broker-failed.js';
import { severalMark, type WriterName } from './several-marks.js';

/** The writer of one broker, with the outputs of the mill that belong to it. */
export interface WriterMember {
  readonly name: WriterName;
  readonly writer: LaneWriter;
  readonly outputs: readonly number[];
}

interface Route {
  readonly member: WriterMember;
  readonly output: number;
}

/** Writes the results of one lane, each class with the writer of its broker. */
export class SeveralWriter implements LaneWriter {
  /** By output. */
  private readonly routes: Route[] = [];
  /** Of each member, as of the last flush or commit. */
  private marks: readonly (Json | undefined)[] = [];

  /** The leader comes first, if it writes. */
  constructor(private readonly members: readonly WriterMember[]) {
    for (const member of members)
      for (const [i, output] of member.outputs.entries()) this.routes[output] = { member, output: i };
  }

  takerOf(output: number): ((element: any) => unknown) | undefined {
    const { member, output: own } = this.routes[output] as Route;
    const { writer } = member;
    return writer.writeTaken === undefined ? undefined : writer.takerOf?.(own);
  }

  write(output: number, elements: readonly object[]): void | Promise<void> {
    return this.handOver(output, ({ writer }, own) => writer.write(own, elements));
  }

  writeTaken(output: number, taken: readonly any[]): void | Promise<void> {
    return this.handOver(output, ({ writer }, own) =>
      writer.takerOf !== undefined && writer.writeTaken !== undefined
        ? writer.writeTaken(own, taken)
        : writer.write(own, taken),
    );
  }

  async flush(): Promise<Json> {
    this.marks = await this.each('making results durable', (writer) => writer.flush());
    return this.mark;
  }

  async committed(): Promise<Json | undefined> {
    const changed = await this.each('delivering results', async (writer) => writer.committed?.());
    if (changed.every((mark) => mark === undefined)) return undefined;
    this.marks = this.marks.map((mark, i) => changed[i] ?? mark);
    return this.mark;
  }

  async end(): Promise<void> {
    await this.each('ending the outputs', (writer) => writer.end());
  }

  /** The leader last: it may record that the lane is done. */
  async publish(): Promise<void> {
    for (const { name, writer } of [...this.members].reverse()) {
      await whenWorking(name.broker, 'making the results final', () => writer.publish());
    }
  }

  async close(isTaken?: boolean): Promise<string | undefined> {
    const places = await this.each('closing', (writer) => writer.close(isTaken));
    const known = places.filter((place) => place !== undefined);
    return known.length === 0 ? undefined : known.join(', ');
  }

  private get mark(): Json {
    return severalMark(
      this.members.map(({ name }) => name),
      this.marks,
    );
  }

  private handOver(
    output: number,
    write: (member: WriterMember, output: number) => void | Promise<void>,
  ): void | Promise<void> {
    const { member, output: own } = this.routes[output] as Route;
    const failed = (error: unknown): never => {
      throw brokerError(error, member.name.broker, 'writing results');
    };
    try {
      return write(member, own)?.catch(failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Runs an operation on all writers concurrently. Waits for all, even if some fail. */
  private each<T>(work: string, start: (writer: LaneWriter) => Promise<T>): Promise<T[]> {
    return allDone(this.members.map(({ name, writer }) => whenWorking(name.broker, work, () => start(writer))));
  }
}
