import type { Writable } from 'node:stream';
import type { Class } from '../../base/class.js';
import { reasonOf } from '../../base/thrown.js';
import { WaterMillError } from '../../base/watermill-error.js';
import { type Serializer, writerOf } from '../../messages/index.js';
import type { StreamEntry } from '../broker.js';
import { entryOptions } from '../broker-entry.js';
import type { BrokerOptions } from '../broker-options.js';
import type { BatchSink, SinkBatch } from './sink.js';

/** A sink that gets elements as they are produced. They cannot be taken back. */
export interface DirectSink {
  readonly kind: 'direct';
  /** Called when a lane begins to write; `close` follows in any case. */
  open(): void;
  write(elements: readonly object[]): Promise<void>;
  end(): Promise<void>;
  close(): void;
}

/** A sink that gets a batch at a time, which may be repeated under the same id. */
export interface RepeatableSink {
  readonly kind: 'batches';
  write(elements: readonly object[], batch: SinkBatch): Promise<void>;
  end(): Promise<void>;
}

/** An output of a CustomMessageBroker. */
export interface CustomOutput extends StreamEntry {
  readonly sink: DirectSink | RepeatableSink;
}

/** The third member of an entry. */
interface SinkOptions {
  readonly serializer?: Serializer<any>;
}

/** Checks an entry and makes its output; throws if it is not a sink. */
export function customOutput(
  checked: BrokerOptions,
  message: Class,
  sink: unknown,
  options: unknown,
  id: string,
): CustomOutput {
  const label = `the sink of ${message.name}`;
  const what = `T${label.slice(1)}`;
  const { serializer } = entryOptions<SinkOptions>(checked, what, options, ['serializer']) ?? {};
  const entry: StreamEntry = { label, id, ...(serializer !== undefined && { codec: { serializer } }) };
  if (isWritable(sink)) {
    return { ...entry, sink: lineSink(label, sink, () => writerOf(message, entry.codec)) };
  }
  if (serializer !== undefined) {
    checked.refuse(
      `The option 'serializer' of ${label}`,
      'a Writable: functions and batch sinks get elements',
      'another sink',
    );
  }
  if (typeof sink === 'function') return { ...entry, sink: functionSink(label, sink as (element: object) => unknown) };
  const batches = sink as Partial<BatchSink<object>> | null;
  const isBatchSink =
    typeof batches?.write === 'function' && (batches.end === undefined || typeof batches.end === 'function');
  if (typeof sink !== 'object' || !isBatchSink) {
    checked.refuse(what, 'a function, a batch sink { write, end }, or a Writable', sink);
  }
  return { ...entry, sink: batchSink(label, batches as BatchSink<object>) };
}

function isWritable(sink: unknown): sink is Writable {
  const writable = sink as Partial<Writable> | null;
  return typeof sink === 'object' && typeof writable?.cork === 'function' && typeof writable.write === 'function';
}

function functionSink(label: string, call: (element: object) => unknown): DirectSink {
  return {
    kind: 'direct',
    open() {},
    write: async function callSink(elements) {
      for (const element of elements) {
        try {
          const done = call(element);
          if (done !== undefined) await done;
        } catch (cause) {
          throw sinkFailed(label, cause, 'an element');
        }
      }
    },
    async end() {},
    close() {},
  };
}

function batchSink(label: string, sink: BatchSink<object>): RepeatableSink {
  return {
    kind: 'batches',
    write: async function callSink(elements, batch) {
      try {
        await sink.write(elements, batch);
      } catch (cause) {
        throw sinkFailed(label, cause, `batch ${batch.id} of ${elements.length} elements`);
      }
    },
    end: async function endSink() {
      try {
        await sink.end?.();
      } catch (cause) {
        throw sinkFailed(label, cause, 'the end of the stream');
      }
    },
  };
}

/** A sink of lines of JSON. While it is open, an error of the stream only fails the next write. */
function lineSink(label: string, stream: Writable, makeWriter: () => (element: object) => string): DirectSink {
  let textOf: ((element: object) => string) | undefined;
  let failure: Error | undefined;
  /** Fails the pending write: a stream that is destroyed in the meantime may never call back. */
  let giveUp: ((error: Error) => void) | undefined;
  const onError = (error: Error): void => {
    failure ??= error;
    giveUp?.(failure);
  };
  const onClose = (): void => onError(new Error('the stream was closed'));
  const isStdio = stream === process.stdout || stream === process.stderr;
  const settled = async (what: string, start: (settle: (error?: Error | null) => void) => void): Promise<void> => {
    try {
      await new Promise<void>((resolve, reject) => {
        if (failure !== undefined) throw failure;
        giveUp = reject;
        start((error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      throw sinkFailed(label, error, what);
    } finally {
      giveUp = undefined;
    }
  };
  return {
    kind: 'direct',
    open() {
      failure = undefined;
      stream.on('error', onError);
      stream.on('close', onClose);
    },
    async write(elements) {
      textOf ??= makeWriter();
      let lines = '';
      for (const element of elements) lines += `${textOf(element)}\n`;
      await settled('a line', (settle) => stream.write(lines, settle));
    },
    async end() {
      if (isStdio || stream.writableEnded) return;
      // The lanes that were open may be closed: nobody else listens. Without a listener a failure ends the process.
      stream.on('error', onError);
      await settled('the end of the stream', (settle) => stream.end(settle));
      stream.off('error', onError);
    },
    close() {
      stream.off('error', onError);
      stream.off('close', onClose);
    },
  };
}

/** The error for a sink that threw, or whose promise was rejected. */
function sinkFailed(label: string, cause: unknown, what: string): WaterMillError {
  const found = reasonOf(cause);
  return new WaterMillError(
    'WM_SINK_FAILED',
    `${label.charAt(0).toUpperCase()}${label.slice(1)} failed at ${what}: ${found}. The next run writes it again.`,
    { stream: label, found },
    { cause },
  );
}
