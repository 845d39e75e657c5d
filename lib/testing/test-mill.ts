import { asyncDispose } from '../base/async-dispose.js';
import type { MessageClass } from '../base/class.js';
import { shownValue } from '../base/shown-value.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { BrokerTimeouts } from '../brokers/broker.js';
import { BrokerOptions } from '../brokers/broker-options.js';
import type { MemoryElement } from '../brokers/memory/memory-message-broker.js';
import type { Key } from '../expressions/key.js';
import { runOptionNames } from '../mill/driver/run-options.js';
import type { MillSettings } from '../mill/mill-settings.js';
import type { DataKey } from '../mill/plan/data-key.js';
import { checkNames, checkOneObject, wrongOption } from '../mill/plan/option-checks.js';
import { planOptionNames } from '../mill/plan/option-places.js';
import { type MillView, viewOfMill } from '../mill/report/mill-view.js';
import type { RunReport } from '../mill/report/run-report.js';
import type { Waiting } from '../mill/report/waiting.js';
import { WaterMill } from '../mill/water-mill.js';
import type { TableClass } from '../tables/make-table.js';
import type { TableView } from '../tables/table-view.js';
import type { Plain } from './plain.js';
import { TestClock } from './test-clock.js';
import { TestResults } from './test-results.js';
import { TestStreams } from './test-streams.js';

/** The settings of a mill, and the timeouts of its broker (default: none). */
export interface TestMillOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  extends MillSettings<C>,
    BrokerTimeouts {}

/**
 * A mill without a broker, for a test: it reads pushed elements, and its time advances only on request. When `push`,
 * `advance`, `end` or `saveResults` resolves, everything has happened that can happen without more input or time; calls
 * of an async process function are awaited as well. Within a call they resolve at once, since the mill waits for that
 * call. If the mill fails, the pending call of these methods and every later one reject with its error.
 */
export interface TestMill extends AsyncDisposable {
  /**
   * Appends elements to the stream of a class that the mill reads: instances, or the fields of one, which are checked
   * like those in a file. `EndOfStream` as the last element ends the stream. An alias has its own stream. Elements that
   * are pushed after the run has ended on its own are not read. Rejects with `WM_PUSH` for a class that the mill does
   * not read, and if the stream has ended or the mill was stopped.
   */
  push<T>(message: MessageClass<T>, ...elements: MemoryElement<T>[]): Promise<void>;
  /** Advances the mill's time, timer by timer. Milliseconds, 0 or more; the time starts at 0. */
  advance(ms: number): Promise<void>;
  /** Ends the streams of these classes, or all. Resolves to the report if the run is over then. */
  end(...messages: MessageClass<any>[]): Promise<RunReport | undefined>;
  /** Like `mill.saveResults`, for a process that takes a `DataKey`. */
  saveResults(
    key: DataKey | string,
    results?: object | readonly (object | null | undefined)[] | null,
  ): Promise<boolean>;
  /**
   * All results of a class so far, in order, including late elements and dead letters: plain objects, as they would be
   * written. Throws `WM_TEST_KIT` for a class that the mill does not write.
   */
  results(message: MessageClass<any>): readonly Plain[];
  /** Like `mill.table`: the current contents of a table of the process. */
  table<T extends object, K extends Key>(table: TableClass<T, K>): TableView<T, K>;
  /** What lanes are waiting for; empty once the run is over. */
  readonly waiting: readonly Waiting[];
  /** The report, once the run is over; undefined before, and if it failed. */
  readonly report: RunReport | undefined;
  /**
   * Stops the mill after the current element, as `await using` does. Rejects if the mill has failed and no call has
   * reported it.
   */
  stop(): Promise<void>;
}

/**
 * Makes a mill for a test and runs it. Throws the same errors as `new WaterMill`.
 *
 * @example
 * ```ts
 * await using kit = testMill({ process: WindWatch });
 * await kit.push(Flight, { departure: 3600, code: 'B' });
 * await kit.push(Weather, { hour: 1, windKnots: 31 });
 * assert.deepEqual(kit.results(Warning), [{ code: 'B', wind_knots: 31 }]);
 * ```
 */
export function testMill<const C extends readonly MessageClass<any>[]>(options: TestMillOptions<C>): TestMill {
  return new RunningMill(options);
}

class RunningMill implements TestMill {
  report: RunReport | undefined;
  private readonly clock = new TestClock();
  private readonly streams: TestStreams;
  private readonly written = new TestResults();
  private readonly mill: WaterMill<any>;
  private readonly view: MillView;
  private failure: { readonly error: unknown } | undefined;
  private isToldOf = false;
  private isStopped = false;
  /** One advance continues where the previous one ended. */
  private turning = Promise.resolve();

  constructor(options: TestMillOptions<any>) {
    const { dataTimeoutMs, pollTimeoutMs, ...settings } = checked(options);
    const timeouts = new BrokerOptions('testMill', { dataTimeoutMs, pollTimeoutMs }, timeoutNames).timeouts();
    this.streams = new TestStreams(timeouts);
    const { clock, streams, written } = this;
    this.mill = new WaterMill({ ...settings, broker: streams, outputBroker: written, clock });
    this.view = this.mill[viewOfMill]();
    void this.run();
  }

  async push<T>(message: MessageClass<T>, ...elements: MemoryElement<T>[]): Promise<void> {
    this.throwFailure();
    const stream = this.streams.of(message);
    if (this.isStopped && elements.length > 0) throw pushedAfterStop(message);
    stream.push(elements);
    await this.rest();
  }

  async advance(ms: number): Promise<void> {
    if (!(typeof ms === 'number' && ms >= 0 && ms < Number.POSITIVE_INFINITY)) throw wrongTime(ms);
    this.turning = this.turning.then(() => this.clock.advance(ms));
    if (!this.view.awaitsCaller()) await this.turning;
    this.throwFailure();
  }

  async end(...messages: MessageClass<any>[]): Promise<RunReport | undefined> {
    this.throwFailure();
    const streams = messages.map((message) => this.streams.of(message));
    if (streams.length === 0) this.streams.endAll();
    for (const stream of streams) stream.end();
    await this.rest();
    return this.report;
  }

  async saveResults(key: DataKey | string, results?: object | null): Promise<boolean> {
    this.throwFailure();
    const isTaken = this.mill.saveResults(key, results as object);
    await this.rest();
    return isTaken;
  }

  results(message: MessageClass<any>): readonly Plain[] {
    return this.written.of(message).slice();
  }

  table<T extends object, K extends Key>(table: TableClass<T, K>): TableView<T, K> {
    return this.mill.table(table);
  }

  get waiting(): readonly Waiting[] {
    return this.mill.progress().waiting;
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.mill.stop();
    if (!this.isToldOf) this.throwFailure();
  }

  [asyncDispose](): Promise<void> {
    return this.stop();
  }

  private async run(): Promise<void> {
    try {
      this.report = await this.mill.run();
    } catch (error) {
      this.failure = { error };
    }
    this.clock.runIsOver();
  }

  private async rest(): Promise<void> {
    if (!this.view.awaitsCaller()) await this.clock.rest();
    this.throwFailure();
  }

  private throwFailure(): void {
    if (this.failure === undefined) return;
    this.isToldOf = true;
    throw this.failure.error;
  }
}

const notOfATest = ['broker', 'outputBroker', 'clock'];
const millOptionNames = [...planOptionNames, ...runOptionNames].filter((name) => !notOfATest.includes(name));
const timeoutNames = ['dataTimeoutMs', 'pollTimeoutMs'];
const testOptionNames = [...millOptionNames, ...timeoutNames];

/** Throws for options that a test mill sets itself, and for unknown ones, also from plain JavaScript. */
function checked(options: TestMillOptions<any>): TestMillOptions<any> {
  checkOneObject(options, 'testMill()', 'testMill({ process })');
  for (const name of notOfATest) {
    if (name in options) {
      throw wrongOption(
        `testMill() takes no ${name}: what is read is pushed, what is written is in results(), and time moves by advance(). Leave ${name} out.`,
        { found: name },
      );
    }
  }
  checkNames(options, testOptionNames, 'testMill()');
  return options;
}

function wrongTime(ms: unknown): WaterMillError {
  const found = shownValue(ms);
  const expected = 'a number of milliseconds, 0 or more';
  return new WaterMillError('WM_TEST_KIT', `advance(): expected ${expected}, found ${found}.`, { expected, found });
}

function pushedAfterStop({ name }: MessageClass<any>): WaterMillError {
  return new WaterMillError('WM_PUSH', `The stream of ${name} accepts nothing more: the mill was stopped.`, {
    message: name,
    expected: 'nothing after stop()',
    found: 'a push',
  });
}
