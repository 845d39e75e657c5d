import path from 'node:path';
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { thisCopy } from '../base/loaded-copies.js';
import { WaterMillError } from '../base/watermill-error.js';
import { keyAfter } from './key-bytes.js';
import type { ScanAnswer, ScanPage, ScanRange, ScanRequest, ScanThread } from './scan-request.js';

const mostRowsAtOnce = 1_024;
const firstRows = 64;
/** A thread that does not answer for this long is gone. Milliseconds. */
const patienceMs = 120_000;

/**
 * Ranges of a store as synchronous iterables. The store returns ranges only asynchronously, and a process function
 * reads its table synchronously: so another thread reads, page by page, while this one waits. It is started with the
 * first range, and does not keep the process alive.
 */
export class SyncScans {
  private static thread: SyncScans | undefined;
  private readonly port: MessagePort;
  private readonly answers = new Int32Array(new SharedArrayBuffer(4));
  private asked = 0;
  /** Views that are no longer used release their snapshots in the other thread. */
  private readonly forgotten = new FinalizationRegistry<number>((snapshot) => this.send({ what: 'release', snapshot }));

  private constructor() {
    const { port1, port2 } = new MessageChannel();
    this.port = port1;
    const workerData: ScanThread = { port: port2, answers: this.answers };
    const worker = new Worker(mainOfThread(), { workerData, transferList: [port2] });
    worker.unref();
    port1.unref();
  }

  /** The first rows of a range, as of now. */
  static first(location: string, range: ScanRange, limit: number): ScanPage {
    return SyncScans.started().page(location, undefined, range, limit);
  }

  /** A range as of now, page by page, whenever it is iterated. */
  static view(location: string, range: ScanRange): Iterable<ScanPage> {
    const thread = SyncScans.started();
    const snapshot = thread.ask({ what: 'snapshot', location }) as number;
    const view = { [Symbol.iterator]: () => thread.pages(location, snapshot, range, view) };
    thread.forgotten.register(view, snapshot);
    return view;
  }

  /** Closes the store in the reading thread. */
  static close(location: string): void {
    SyncScans.thread?.ask({ what: 'close', location });
  }

  private static started(): SyncScans {
    SyncScans.thread ??= new SyncScans();
    return SyncScans.thread;
  }

  /** `view` is referenced as long as it is iterated. */
  private *pages(location: string, snapshot: number, range: ScanRange, view: object): Generator<ScanPage, object> {
    let rest = range;
    for (let limit = firstRows; ; limit = Math.min(mostRowsAtOnce, 2 * limit)) {
      const page = this.page(location, snapshot, rest, limit);
      const { values, last, isEnd } = page;
      if (values.length > 0) yield page;
      if (isEnd || last === undefined) return view;
      rest = range.reverse ? { ...range, lt: last } : { ...range, gte: keyAfter(last) };
    }
  }

  private page(location: string, snapshot: number | undefined, range: ScanRange, limit: number): ScanPage {
    return this.ask({ what: 'page', location, snapshot, range, limit }) as ScanPage;
  }

  private send(request: ScanRequest): number {
    const number = ++this.asked;
    this.port.postMessage({ number, request });
    return number;
  }

  private ask(request: ScanRequest): unknown {
    const number = this.send(request);
    for (;;) {
      const answers = Atomics.load(this.answers, 0);
      const answer = this.received(number);
      if (answer === undefined) this.wait(answers);
      else if (answer.error !== undefined) throw answer.error;
      else return answer.value;
    }
  }

  private received(number: number): ScanAnswer | undefined {
    for (;;) {
      const message: { readonly message: ScanAnswer } | undefined = receiveMessageOnPort(this.port);
      if (message === undefined || message.message.number === number) return message?.message;
    }
  }

  /** Waits until there are more answers than this. */
  private wait(answers: number): void {
    if (Atomics.wait(this.answers, 0, answers, patienceMs) !== 'timed-out') return;
    throw new WaterMillError(
      'WM_TABLE_STORE',
      `The thread that reads ranges of tables has not answered for ${patienceMs} ms.`,
    );
  }
}

function mainOfThread(): string {
  if (path.isAbsolute(thisCopy.path)) return path.join(thisCopy.path, 'dist/stores/scan-main.js');
  throw new WaterMillError(
    'WM_TABLE_STORE',
    "A range of a table with store: 'disk' is read by a thread that loads a file of the package watermill, and this is a bundle. Mark watermill as external in the bundler.",
  );
}
