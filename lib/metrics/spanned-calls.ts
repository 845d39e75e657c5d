import { performance } from 'node:perf_hooks';
import { safeCall } from '../base/safe-call.js';
import { classOf } from '../base/shown-value.js';
import { thrownSentence } from '../base/thrown.js';
import { isWaterMillError } from '../base/watermill-error.js';
import { type CallAnswer, type CallsAnswer, placeOf, type UnmatchedAnswer } from '../mill/lane/answer.js';
import type { LaneCalls, WatchCalls } from '../mill/report/lane-calls.js';

/** The part of the OpenTelemetry API that is used. */
export interface Meter {
  createObservableCounter(name: string, options: object): Observable;
  createObservableGauge(name: string, options: object): Observable;
  createHistogram(name: string, options: object): { record(value: number, attributes: object): void };
}

interface Observable {
  addCallback(callback: (result: ObservableResult) => void): void;
}

export interface ObservableResult {
  observe(value: number, attributes: object): void;
}

export interface Tracer {
  startActiveSpan<T>(name: string, options: object, inside: (span: Span) => T): T;
}

interface Span {
  setAttribute(name: string, value: string | number): unknown;
  setStatus(status: { code: number }): unknown;
  end(): void;
}

/** A value of `SpanStatusCode`. */
const failed = 2;

type Ended = boolean | Promise<boolean>;

/** Records the time of calls, and opens spans around them. */
export function watchedBy(
  process: string,
  seconds: { record(seconds: number): void } | undefined,
  tracer: Tracer | undefined,
): WatchCalls {
  return (calls) => new SpannedCalls(calls, process, seconds, tracer);
}

class SpannedCalls implements LaneCalls {
  constructor(
    private readonly calls: LaneCalls,
    private readonly process: string,
    private readonly seconds: { record(seconds: number): void } | undefined,
    private readonly tracer: Tracer | undefined,
  ) {}

  get inProgress(): Promise<unknown> | undefined {
    return this.calls.inProgress;
  }

  call(call: CallAnswer): Ended {
    return this.around(call.from, () =>
      this.timed(
        () => this.calls.call(call),
        () => 1,
      ),
    );
  }

  several(answer: CallsAnswer): Ended {
    const before = answer.done;
    const { from } = placeOf(answer, before);
    const count = (): number => answer.done - before;
    return this.around(from, () => this.timed(() => this.calls.several(answer), count), count);
  }

  unmatched(answer: UnmatchedAnswer): Ended {
    return this.around(answer.position, () => this.calls.unmatched(answer));
  }

  private timed(make: () => Ended, count: () => number): Ended {
    const { seconds } = this;
    if (seconds === undefined) return make();
    const begun = performance.now();
    return this.followed(make, () => {
      const took = (performance.now() - begun) / 1_000 / Math.max(1, count());
      safeCall(() => seconds.record(took), reportOnce);
    });
  }

  private around(from: number, make: () => Ended, count: () => number = () => 1): Ended {
    const { tracer, process } = this;
    if (tracer === undefined) return make();
    const attributes = { 'watermill.process': process, 'watermill.position': from };
    let isMade = false;
    let ended: Ended | undefined;
    const inside = (span: Span): Ended => {
      isMade = true;
      ended = this.followed(make, (error) => safeCall(() => endSpan(span, count(), error), reportOnce));
      return ended;
    };
    try {
      return tracer.startActiveSpan(process, { attributes }, inside);
    } catch (error) {
      // The call itself threw it; otherwise the tracer has failed.
      if (isMade && ended === undefined) throw error;
      reportOnce(error);
      return ended ?? make();
    }
  }

  /** Runs something, and afterwards something else, in any case. */
  private followed(make: () => Ended, after: (error?: { readonly thrown: unknown }) => void): Ended {
    const failed = (thrown: unknown): void => after({ thrown });
    let ended: Ended;
    try {
      ended = make();
    } catch (thrown) {
      failed(thrown);
      throw thrown;
    }
    const pending = typeof ended === 'boolean' ? this.inProgress : ended;
    if (pending === undefined) after();
    else pending.then(() => after(), failed);
    return ended;
  }
}

function endSpan(span: Span, calls: number, error: { readonly thrown: unknown } | undefined): void {
  span.setAttribute('watermill.calls', calls);
  if (error !== undefined) {
    span.setAttribute('error.type', typeOf(error.thrown));
    span.setStatus({ code: failed });
  }
  span.end();
}

let hasReported = false;

/** A tracer or meter that throws does not affect the mill. */
function reportOnce(error: unknown): void {
  if (hasReported) return;
  hasReported = true;
  process.emitWarning(
    `A tracer or meter of telemetry() failed, so spans or metrics may be lost; this is reported once. ${thrownSentence(error)}`,
    'WaterMillWarning',
  );
}

/** Not the message: it may contain data of elements. */
function typeOf(thrown: unknown): string {
  if (isWaterMillError(thrown)) return thrown.code;
  return (typeof thrown === 'object' && thrown !== null ? classOf(thrown) : undefined) ?? typeof thrown;
}
