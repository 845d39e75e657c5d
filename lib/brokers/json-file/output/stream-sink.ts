import { constants, open } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { promisify } from 'node:util';
import type { Logger } from '../../../base/logger.js';
import { realTime } from '../../../base/real-time.js';
import { standardOutput } from '../file-names.js';
import type { ByteSink } from './byte-sink.js';

const lookEveryMs = 20;
/** How long to wait for a reader that does not read, once the mill was asked to stop. Milliseconds. */
const patienceAfterStopMs = 1_000;

/** The standard output, or a named pipe. Written bytes cannot be taken back. */
export class StreamSink implements ByteSink {
  private failure: Error | undefined;

  private constructor(
    private readonly path: string,
    private readonly stream: Writable,
    private readonly signal: AbortSignal,
  ) {
    stream.on('error', this.note);
  }

  /** Opens the sink. Waits until a reader opens the pipe, or the signal is aborted. */
  static async open(path: string, signal: AbortSignal, logger: Logger): Promise<StreamSink> {
    const stream = path === standardOutput ? process.stdout : await openPipe(path, signal, logger);
    return new StreamSink(path, stream, signal);
  }

  write(bytes: Uint8Array): Promise<void> {
    const { failure, path, signal } = this;
    if (failure !== undefined) return Promise.reject(failure);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const endSoon = () => {
        timer = realTime.setTimeout(() => reject(notRead(path)), patienceAfterStopMs);
      };
      if (signal.aborted) endSoon();
      else signal.addEventListener('abort', endSoon, { once: true });
      this.stream.write(bytes, (error) => {
        signal.removeEventListener('abort', endSoon);
        realTime.clearTimeout(timer);
        if (error) reject(error);
        else resolve();
      });
    });
  }

  async sync(): Promise<void> {}

  async close(): Promise<void> {
    if (this.stream === process.stdout) this.stream.off('error', this.note);
    else this.stream.destroy();
  }

  private readonly note = (error: Error): void => {
    this.failure = error;
  };
}

/** Opens without blocking: a thread that waits for a reader in the kernel cannot be interrupted. */
async function openPipe(path: string, signal: AbortSignal, logger: Logger): Promise<Socket> {
  const flags = constants.O_WRONLY | constants.O_NONBLOCK;
  for (let isSaid = false; ; isSaid = true) {
    try {
      return new Socket({ fd: await promisify(open)(path, flags), readable: false, writable: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENXIO') throw error;
    }
    if (!isSaid) logger.info({ stream: path }, `Waiting for a reader to open ${path} for reading`);
    await realTime.sleep(lookEveryMs, undefined, { signal });
  }
}

function notRead(path: string): Error {
  return Object.assign(new Error(`the process that opened ${path} is not reading it`), { code: 'EAGAIN' });
}
