import { packedByName } from './file-format.js';
import type { Framing } from './framing.js';
import { writing } from './output-errors.js';
import type { Output, OutputMark, OutputRun, OutputTarget } from './output-target.js';
import { StreamSink } from './stream-sink.js';
import { appendTaken, type TakenText } from './taken-text.js';
import { TextFile } from './text-file.js';

/**
 * Results of one class that are written into a pipe or the standard output as they come, one a line. Nothing is
 * taken back: what an interrupted run wrote is written again by the one that continues.
 */
export class StreamedOutput implements Output {
  private constructor(
    /** Undefined once nothing more comes. */
    private text: TextFile | undefined,
    private elements: number,
    private ended: boolean,
    private readonly framing: Framing,
  ) {}

  static async open(target: OutputTarget, mark: OutputMark | undefined, run: OutputRun): Promise<StreamedOutput> {
    const { elements = 0, ended = false } = mark ?? {};
    if (ended) return new StreamedOutput(undefined, elements, true, target.framing);
    const sink = await writing(target.path, StreamSink.open(target.path, run.signal, run.logger));
    const text = new TextFile(target.path, sink, packedByName(target.path));
    return new StreamedOutput(text, elements, false, target.framing);
  }

  write(taken: readonly TakenText[]): void | Promise<void> {
    const { text } = this;
    if (text === undefined) return;
    for (let i = 0; i < taken.length; ) {
      const next = appendTaken(text, this.framing, this.elements, taken, i);
      this.elements += next - i;
      i = next;
    }
    // The reader wants to see it now.
    return text.sendAll();
  }

  async flush(): Promise<OutputMark> {
    await this.text?.finish(false);
    return { bytes: this.text?.bytes ?? 0, elements: this.elements, ended: this.ended };
  }

  async end(): Promise<void> {
    if (this.elements === 0) this.text?.append(this.framing.none);
    await this.text?.complete();
    this.ended = true;
  }

  /** The reader sees the end. */
  async publish(): Promise<void> {
    await this.close();
  }

  async close(): Promise<undefined> {
    const { text } = this;
    this.text = undefined;
    // What could not be written was reported by the call that asked for it.
    await text?.finish(false).catch(() => {});
    await text?.close();
  }
}
