import type { MessageClass } from '../base/class.js';
import type { Clock } from '../base/clock.js';
import type { Logger } from '../base/logger.js';
import type { Broker } from '../brokers/broker.js';
import type { Source } from '../joins/source-args.js';
import type { Tree } from '../joins/tree.js';
import type { CommitEvery } from './driver/commit/commit-schedule.js';
import type { InputOptions } from './plan/inputs/input-options.js';
import type { Container } from './plan/mill-options.js';
import type { Waiting } from './report/waiting.js';

/** Each entry is checked by itself: the class, and what goes with it. */
type InputEntries<C extends readonly MessageClass<any>[]> = {
  readonly [I in keyof C]: readonly [message: C[I], options: InputOptions<InstanceType<C[I]>>];
};

/** An object that is not a process. Node's global `process` is what `{ process }` means if no variable has that name. */
interface NoProcess {
  readonly argv?: "WaterMill: this is Node's global process; give a class, an instance or a process function";
  readonly what?: 'process' | 'WaterMill: this is a source; give a class, an instance or a process function';
  readonly streamOf?: 'WaterMill: this is a broker; give a class, an instance or a process function';
}

/** The options of a mill that do not depend on where its streams are. */
export interface MillSettings<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]> {
  /** A class with a `@Process` method, an instance of one, or the result of `processFunction`. */
  readonly process: object & NoProcess;
  /** The join tree. May be omitted if the process has its source, or reads one stream. */
  readonly joinTree?: Tree<any>;
  /** Instead of a tree: a window over one stream, or a message class. */
  readonly stream?: Source;
  /** Where injected parameters come from: anything with `resolve(token)`. Default: tsyringe's container. */
  readonly container?: Container;
  /** How inputs that misbehave are handled, by class. Default: everything out of order or unreadable fails. */
  readonly inputs?: InputEntries<C>;
  /** Ends the run as `stop()` does. */
  readonly signal?: AbortSignal;
  /**
   * Where the mill logs: pino, console, … If it throws, or a promise that it returns is rejected, Node prints one warning,
   * and the mill continues. Default: nowhere.
   */
  readonly logger?: Logger;
  /**
   * How often positions are committed, if the broker remembers them: after a number of master elements or of
   * milliseconds, whichever comes first. Default: `{ elements: 10_000, ms: 5_000 }`. A crash repeats the elements since
   * the last commit; results that were written since are removed if the broker can do that.
   */
  readonly commitEvery?: CommitEvery;
  /**
   * What to do if the progress that the broker holds belongs to another plan: other message names, joins, windows or
   * key expressions. `fail`: `WM_PLAN_CHANGED`. `restart`: the progress is forgotten, and the run begins at the start of
   * the streams, as the first one did; the partial results of files are started over, results in topics stay, and new ones
   * follow them. Default: `fail`.
   */
  readonly onPlanChange?: 'fail' | 'restart';
  /**
   * What the lanes of other partitions do when one fails. `stop`: they end after the current element and commit, and the
   * run rejects. `goOn`: they continue, the error goes to the logger at once, `health()` says that the mill is unhealthy, and
   * the run rejects when they have ended or are stopped; the failed lane stays where it was, and with this process.
   * Default: `stop`.
   */
  readonly onLaneFailure?: 'stop' | 'goOn';
  /**
   * If the process takes a `DataKey`, or has `concurrency`: how many calls a lane may hold, open ones and those after
   * the oldest open one, before it waits for that one. Their results are in memory. Default: 1,000.
   */
  readonly maxOpen?: number;
  /**
   * For tests: elements are frozen, with all that is inside them, so that a call that changes a shared element fails.
   * The setters of their Dates throw, too. Arrays and maps that a call gets stay its own. Elements that a
   * `MemoryMessageBroker` was given as such are frozen as well. Default: false; it costs time.
   */
  readonly freeze?: boolean;
  /**
   * Called when a lane is blocked: elements are available, and it waits for a silent stream, a call in progress, results to
   * be saved, or a broker that writes. First after `waitingAfterMs`, then each time that span has doubled. The same is
   * logged as a warning. If it throws, or its promise is rejected, that is logged.
   */
  readonly onWaiting?: (waiting: Waiting) => void;
  /**
   * `terminal`: while the mill runs, a line on stderr shows how far it is, what it reads per second, and what it waits for;
   * the lines of `logger` appear above it, and it disappears at the end. If stderr is not a terminal, or `CI` is set, or
   * `TERM` is `dumb`, nothing is shown. Output of the process itself appears within that line. Default: nothing.
   */
  readonly progress?: 'terminal';
  /**
   * The folder of the stores of tables with `store: 'disk'`: on a local disk, with a subfolder for each lane of a table. Its
   * contents can be deleted while no mill runs: they are filled again. Only one process at a time can have the store of a lane. Default:
   * `watermill-stores-<user>` in the system's folder for temporary files, which a new container begins without.
   */
  readonly storeFolder?: string;
  /** How long a lane is blocked before that is reported. Milliseconds; default: 10,000. */
  readonly waitingAfterMs?: number;
}

export interface MillOptions<C extends readonly MessageClass<any>[] = readonly MessageClass<any>[]>
  extends MillSettings<C> {
  /**
   * Where streams are read and results are written: a broker, or several, `[kafka, files]`. Each class belongs to the one
   * that has an entry for it; a class of results without an entry goes to the broker of the master, if that takes any.
   *
   * The broker of the master leads: its lanes are the mill's, and it keeps the progress of all. Each of its lanes reads the
   * inputs of the others whole. After a crash, results on another broker are cut back to the last commit if that broker
   * can do that (files), otherwise they may come twice; if the leader commits exactly once, such a broker is refused.
   */
  readonly broker: Broker | readonly Broker[];
  /** Takes all results, whatever entries `broker` has for them; it does not lead. Each lane writes its own results. */
  readonly outputBroker?: Broker;
  /** Time, for timeouts, commits by time and the report. Default: the system's. Tests pass a virtual one. */
  readonly clock?: Clock;
}
