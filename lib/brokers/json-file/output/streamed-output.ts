import { packedByName } from '../../parsing/file-format.js';
import type { Framing } from './framing.js';
import { writing } from './output-errors.js';
import type { Output, OutputMark, OutputRun, OutputTarget } from './output-target.js';
import { StreamSink } from './stream-sink.js';
import { appendTaken, type TakenText } from './taken-text.js';
import { TextFile } from './text-file.js';

/**
 * The results of one class, written directly into a pipe or the standard output, one per line. Nothing can be taken
 * back: a run that continues an interrupted one repeats the results after the last commit.
 */
export class StreamedOutput implements Output {
  private constructor(
    /** Undefined after the end. */
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
    // The reader wants to see the results immediately.
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

  /** Lets the reader see the end. */
  async publish(): Promise<void> {
    await this.close();
  }

  async close(): Promise<undefined> {
    const { text } = this;
    this.text = undefined;
    // Failed writes were reported by the call that requested them.
    await text?.finish(false).catch(() => {});
    await text?.close();
  }
}
