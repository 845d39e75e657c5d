import type { MessageClass } from '../base/class.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Broker } from '../brokers/broker.js';
import type { Source } from '../joins/source-args.js';
import type { Tree } from '../joins/tree.js';
import type { CommitEvery } from './driver/run-options.js';
import type { InputOptions } from './plan/input-options.js';
import type { Container } from './plan/plan-options.js';
import type { Waiting } from './report/waiting.js';

/** Each entry is checked separately: the class, and its options. */
type InputEntries<C extends readonly MessageClass<any>[]> = {
  readonly [I in keyof C]: readonly [message: C[I], options: InputOptions<InstanceType<C[I]>>];
};

/** An object that is not a process. `{ process }` means Node's global `process` if no variable has that name. */
interface NoProcess {
  readonly argv?: "WaterMill: this is Node's global process; give a class, an instance or a process function";
  readonly what?: 'process' | 'WaterMill: this is a source; give a class, an instance or a process function';
  readonly streamOf?: 'WaterMill: this is a broker; give a class, an instance or a process function';
}

/** The options of a mill that do not depend on the location of its streams. */
export interface MillSettings<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  /** A class with a `@Process` method, an instance of one, or the result of `processFunction`. */
  readonly process: object & NoProcess;
  /** The join tree. May be omitted if the process has its source, or reads one stream. */
  readonly joinTree?: Tree<any>;
  /** Instead of a tree: a window over one stream, or a message class. */
  readonly stream?: Source;
  /** Resolves injected parameters: any object with `resolve(token)`. Default: tsyringe's container. */
  readonly container?: Container;
  /** How to handle problems of inputs, by class. Default: elements out of order and unreadable messages fail. */
  readonly inputs?: InputEntries<C>;
  /** Ends the run like `stop()`. */
  readonly signal?: AbortSignal;
  /**
   * The logger of the mill: pino, console, … If it throws, or a promise that it returns is rejected, Node prints one
   * warning, and the mill continues. Default: nothing is logged.
   */
  readonly logger?: Logger;
  /**
   * How often positions are committed, if the broker remembers them: after a number of master elements or milliseconds,
   * whichever comes first. Default: `{ elements: 10_000, ms: 5_000 }`. A crash repeats the elements since the last
   * commit; results that were written since are removed if the broker can do that.
   */
  readonly commitEvery?: CommitEvery;
  /**
   * What to do if the progress kept by the broker belongs to another plan: other message names, joins, windows or key
   * expressions. `fail`: `WM_PLAN_CHANGED`. `restart`: the progress is dropped, and the run starts at the beginning of
   * the streams, like the first one; the partial results of files are started over, results in topics stay, and new
   * ones follow them. Default: `fail`.
   */
  readonly onPlanChange?: 'fail' | 'restart';
  /**
   * What the other lanes do when one fails. `stop`: they end after the current element and commit, and the run rejects.
   * `goOn`: they continue, the error is logged immediately, `health()` reports the mill as unhealthy, and the run
   * rejects when they have ended or are stopped; the failed lane keeps its position, and stays with this process.
   * Default: `stop`.
   */
  readonly onLaneFailure?: 'stop' | 'goOn';
  /**
   * If the process takes a `DataKey`, or has `concurrency`: the maximum number of calls that a lane holds, open ones
   * and those after the oldest open one, before it waits. Their results are in memory. Default: 1,000.
   */
  readonly maxOpen?: number;
  /**
   * For tests: elements are frozen, with their contents, so that a call that changes a shared element fails. The
   * setters of their Dates throw, too. Arrays and maps that a call gets still belong to it. Elements that were passed
   * to a `MemoryMessageBroker` as instances are frozen as well. Default: false; it costs time.
   */
  readonly freeze?: boolean;
  /**
   * Called when a lane is blocked: elements are available, and it waits for a silent stream, a call in progress,
   * results to be saved, or a broker that writes. First after `waitingAfterMs`, then each time the duration has
   * doubled. The same is logged as a warning. If it throws, or its promise is rejected, that is logged.
   */
  readonly onWaiting?: (waiting: Waiting) => void;
  /**
   * `terminal`: while the mill runs, a line on stderr shows its progress, its throughput, and what it is waiting for;
   * the lines of `logger` appear above it, and it disappears at the end. If stderr is not a terminal, or `CI` is set,
   * or `TERM` is `dumb`, nothing is shown. Output of the process itself appears within that line. Default: nothing.
   */
  readonly progress?: 'terminal';
  /**
   * The folder of the stores of tables with `store: 'disk'`: on a local disk, with a subfolder for each lane of a
   * table. Its contents can be deleted while no mill runs: they are filled again. Only one process at a time can use
   * the store of a lane. Default: `watermill-stores-<user>` in the system's temporary folder, which is empty in a new
   * container.
   */
  readonly storeFolder?: string;
  /** How long a lane must be blocked before it is reported. Milliseconds. Default: 10,000. */
  readonly waitingAfterMs?: number;
}

/** The process, brokers and settings of a mill. */
export interface MillOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  extends MillSettings<C> {
  /**
   * The broker for streams and results, or several, `[kafka, files]`. Each class belongs to the broker that has an
   * entry for it; a result class without an entry goes to the broker of the master, if that accepts any class.
   *
   * The broker of the master leads: its lanes are the mill's, and it keeps the progress of all. Each of its lanes reads
   * the inputs of the others completely. After a crash, results on another broker are cut back to the last commit if
   * that broker can do that (files), otherwise they may be duplicated; if the leader commits exactly once, such a
   * broker is refused.
   */
  readonly broker: Broker | readonly Broker[];
  /**
   * The broker for all results, whatever entries `broker` has for them; it does not lead. Each lane writes its own
   * results.
   */
  readonly outputBroker?: Broker;
  /** The clock for timeouts, commits by time and the report. Default: the system's. Tests pass a virtual one. */
  readonly clock?: Clock;
}
