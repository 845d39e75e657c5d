import type { Class } from '../base/class.js';
import type { Clock } from '../base/clock.js';
import type { Json } from '../base/json.js';
import type { Logger } from '../base/logger.js';
import type { StreamCodec } from '../messages/codec.js';
import type { Batch } from './batch.js';
import type { KeptTables, TableRequest } from './kept-tables.js';

/**
 * The seam between a mill and the outside world. A broker is a description until a mill connects to it; one broker
 * object may serve several mills, each with its own connection.
 *
 * Who calls when: `streamOf` while the mill is made; `connect` once per run; then for every lane that `lanes()` returns:
 * `restart` to forget a previous commit, `openTables` where there are any, `openWriter`, `openReader` for each
 * input, and, until the lane ends, any number of `read`, `write`, and the commit sequence `writer.flush()`, `tables.flush()`,
 * `lane.commit(…)`. When a lane ends: `writer.end()`, `writer.flush()`, `lane.commit(…)`,
 * `writer.publish()`. At last, however it went, `lane.release()`. Every `close` may be called at any time, more than once,
 * also while a read is pending.
 */
export interface Broker {
  /** What the broker is called in errors and reports: `JsonFileMessageBroker`. */
  readonly name: string;
  readonly abilities: BrokerAbilities;
  readonly timeouts?: BrokerTimeouts;
  /** The stream of this class, or undefined if the broker has none. Never throws, does no I/O. */
  streamOf(message: Class): StreamEntry | undefined;
  connect(request: ConnectRequest): Promise<Connection>;
  /**
   * The lag of each of these inputs, lane by lane, from what was committed: asked from outside, while mills run or
   * not. Reads and changes nothing. A broker that cannot tell leaves it out.
   */
  lag?(request: LagRequest): Promise<readonly (readonly StreamLag[])[]>;
}

export interface LagRequest {
  readonly inputs: readonly InputRequest[];
  readonly logger: Logger;
}

/** How far one lane of a stream lags. */
export interface StreamLag {
  /** `partition 3`. */
  readonly label: string;
  /** The position that is read next; undefined: nothing was committed. */
  readonly committed: number | undefined;
  /** The position after the last one. */
  readonly end: number;
  readonly lag: number;
}

/** What a broker can do. Shared code checks these, never the class of a broker. */
export interface BrokerAbilities {
  /** Commits outlive the process: a new run continues from them. */
  readonly remembers: boolean;
  /** A stream may be read by several readers at once, each at its own place. */
  readonly rereads: boolean;
  /** Results and positions are committed together: `write` is not visible before `commit`. */
  readonly transactions: boolean;
  /** A class without an entry may be written (its stream is made on the fly). */
  readonly writesAnyClass: boolean;
  /** It takes results at all. Default: true. */
  readonly writes?: boolean;
  /**
   * Results that were written after the last commit are taken back to its mark, also after a crash of the process. So they
   * can go to it from a mill whose positions are committed exactly once by another broker. Default: false.
   */
  readonly takesBack?: boolean;
  /** It keeps tables with the commits of a lane: its lanes have `openTables`. Default: false. */
  readonly tables?: boolean;
  /** Results of an output with a `key` go to the partition of their key, whichever lane writes them. Default: false. */
  readonly partitionsByKey?: boolean;
  /**
   * Connected with `aside`, without outputs and with `lanes`, it reads its streams whole, next to any run, and leaves no
   * trace: `why` does that. Default: false.
   */
  readonly readsAside?: boolean;
}

export interface BrokerTimeouts {
  /** A stream on which nothing came for this long has ended. Milliseconds; default: it waits forever. */
  readonly dataTimeoutMs?: number;
  /** An open window without new elements is asked again after this long. Milliseconds; default: never. */
  readonly pollTimeoutMs?: number;
}

/** One stream of a broker, as errors, reports and plans name it. */
export interface StreamEntry {
  /** The name shown to people: a path, a topic. */
  readonly label: string;
  /**
   * Equal for entries that name the same stream, however they are spelt and whichever broker object has them (an absolute
   * path; a cluster and a topic), and for no others.
   */
  readonly id: string;
  /** The `id` of what results under this name go to, where that is another stream: `-` is two, input and output. */
  readonly outputId?: string;
  readonly codec?: StreamCodec<any>;
  /** It is given once only, although others of the broker can be read again: a queue, a generator. Default: false. */
  readonly onlyOnce?: boolean;
  /** Values may be written by hand: a renamed field then may come under its property's name. Default: false. */
  readonly acceptPropertyNames?: boolean;
  /** Values come in no order that keys could follow: a join over it needs `order: { slack }`. Default: false. */
  readonly unordered?: boolean;
  /**
   * Values are objects whose members are texts (a row of CSV, the fields of an entry), which are converted as the class
   * says; a deserializer gets the texts. Default: false.
   */
  readonly texts?: boolean;
  /**
   * The file that it is, and what else `npx watermill sort` must be told to read it; undefined if that cannot be sorted.
   * Called when an error is to say how to put it in order. Default: it is not a file.
   */
  readonly sortArguments?: () => readonly string[] | undefined;
  /** If the wall clock decides what comes: how, in words, after the name of its class: "comes every 1000 ms". Default: it does not. */
  readonly clock?: string;
}

export interface ConnectRequest {
  /** The plan's fingerprint: commits of another plan are of no use to this run. */
  readonly plan: string;
  /** One per node of the plan, in the plan's order. Nodes of one stream have equal `entry.id`. */
  readonly inputs: readonly InputRequest[];
  readonly outputs: readonly OutputRequest[];
  /** The tables that the lanes keep, where this broker leads. */
  readonly tables?: readonly TableRequest[];
  /**
   * If another broker leads: how many lanes that one has, in all processes together. This one then keeps no progress for
   * them: each of those lanes may open every input of it, at marks that the leader has committed, and its own writer.
   */
  readonly lanes?: number;
  /** It is read next to any run, for `why`: see `readsAside`. */
  readonly aside?: true;
  /** The leader commits exactly once: outputs of which nothing can be taken back are refused. */
  readonly exactlyOnce?: boolean;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
}

export interface InputRequest {
  readonly message: Class;
  readonly entry: StreamEntry;
}

export interface OutputRequest {
  readonly message: Class;
  readonly entry: StreamEntry;
  /** Dead letters are among what is written there. */
  readonly takesLetters?: boolean;
  /** Elements with equal keys must lie together, whichever lane writes them: this returns the key of one, not a promise. */
  readonly key?: (element: any) => unknown;
}

export interface Connection {
  /** Sources or sinks of the user's run in it, and may ask the mill to stop. Default: false. */
  readonly callsBack?: boolean;
  /** How many lanes there are, in all processes together. Default: 1. */
  readonly laneCount?: number;
  /** The lanes assigned to this process, as they come; it ends when no more will come. Files and memory have one. */
  lanes(): AsyncIterable<BrokerLane> | Iterable<BrokerLane>;
  /**
   * The writer of a lane. `mark` is what `flush` returned for the last valid commit: what was written after it is
   * taken back if the broker can do that. Undefined: a lane that starts from the beginning. `isContinued`: the lane had
   * ended and continues, so an end recorded in the mark is taken back, too.
   */
  openWriter(lane: LaneName, mark: Json | undefined, isContinued?: boolean): Promise<LaneWriter>;
  close(): Promise<void>;
}

/** Equal for the same lane of every broker of a mill: a partition's number, from `0` on; `0` where there is one lane. */
export type LaneName = string;

export interface BrokerLane {
  readonly name: LaneName;
  /** Its name in errors, if a broker has several: `partition 3`. */
  readonly label?: string;
  /** The text of the last commit, or undefined; also one of another plan, which the mill refuses or has forgotten. */
  readonly committed: string | undefined;
  /** Where that text is, for an error that says that it cannot be read: a path, a key. */
  readonly committedIn?: string;
  /**
   * Aborted when the lane is taken away from this process: it stops after the current element, commits and is released,
   * and what fails from then on is not a failure of the mill.
   */
  readonly revoked?: AbortSignal;
  /** Aborted, with `revoked`, when another process may own it already: nothing more may be written or committed. */
  readonly lost?: AbortSignal;
  /**
   * What to do with a lane that had ended: nothing (`'ended'`), all of it over again (`'restart'`: the mill calls
   * `restart`), or what its streams have got since (`'continue'`: the lane continues where it ended). Asked before anything
   * of the lane is opened. Default: nothing.
   */
  afterEnd?(): Promise<'ended' | 'restart' | 'continue'>;
  /**
   * Forgets what was committed, by another plan: the lane starts over. Called before anything of it is opened; then
   * readers and writer are opened without a mark. A broker that finds its beginning by itself may leave it out.
   */
  restart?(): Promise<void>;
  /** Opens an input (its index in the request) at a mark that one of its batches carried, or at its beginning. */
  openReader(input: number, mark: Json | undefined): Promise<StreamReader>;
  /**
   * Opens what is kept of the lane's tables, as it was at the last commit: `mark` is what its `flush` gave, undefined where
   * the lane begins, or starts over, and nothing of before counts. Called before readers and writer are opened. Needed
   * where the broker's `abilities` say that it keeps tables.
   */
  openTables?(tables: readonly TableRequest[], mark: Json | undefined): Promise<KeptTables>;
  /**
   * Throws if a text is more than the broker can keep. Called before results are written that a commit of it would
   * cover. A broker that keeps texts of any length leaves it out.
   */
  check?(text: string): void;
  /**
   * Keeps the text, durably where the broker remembers. Called after `flush` of everything that it covers; resolves
   * when it holds. Never two at once.
   */
  commit(text: string, progress: LaneProgress): Promise<void>;
  /** The lane is no longer used in this process, its readers and its writer are closed: it may start elsewhere. */
  release?(): Promise<void>;
}

/** What a commit says without its text being read: to the broker, and to tools that look at a group from outside. */
export interface LaneProgress {
  /** One per input: every element below this position has been processed. */
  readonly positions: readonly number[];
  /**
   * One per input: the mark from which a restart opens it, so what comes before is needed no more and can be acknowledged.
   * Undefined: from its beginning. A broker whose batches have `markAt` gets it to the element.
   */
  readonly marks: readonly (Json | undefined)[];
  /** The lane is over: no later run continues with it. */
  readonly ended: boolean;
}

/** A broker in front of another one has every member of it, so that one that is added to the seam is not forgotten there. */
export type StandIn<T> = { readonly [K in keyof Required<T>]: T[K] };

export interface StreamReader {
  /**
   * The next batch: at once if it is available (no promise), otherwise when it arrives. Never two reads at once. A batch
   * may be empty. After one with `end` there are no more reads. What cannot be read at all rejects with a
   * WaterMillError that names stream and position, after everything before it was given.
   */
  read(): Batch | Promise<Batch>;
  /** This stream cannot be opened a second time, although others of the broker can: a pipe. Default: false. */
  readonly onlyOnce?: boolean;
  /**
   * Elements cannot be given back, or not soon: a mill that is stopped processes all of them first. Once `signal` of the
   * request is aborted, nothing more is taken, and a pending read resolves, with what it took or an empty batch. Default:
   * false.
   */
  readonly finishes?: boolean;
  /** Nothing more is given before a commit of what was given: then the mill commits at once. Default: never. */
  awaitsCommit?(): boolean;
  /** How much of the stream was given, 0 to 1, where that is known. */
  fraction?(): number | undefined;
  /** How many values are known to be there that were not given yet, where that is known. */
  lag?(): number | undefined;
  /** The pending read waits for what does not exist yet, where that is known. */
  waitsForMore?(): boolean;
  /** Releases everything. A pending read settles (its outcome is ignored). */
  close(): Promise<void>;
}

export interface LaneWriter {
  /**
   * Appends elements to an output (its index in the request), in order. The array is the writer's: it changes no more. A
   * returned promise is back-pressure.
   */
  write(output: number, elements: readonly object[]): void | Promise<void>;
  /**
   * The function that makes of an element what is kept of it until `writeTaken` gets it: its text, a record, a copy. It is
   * called as soon as the element's call is done, since the process may change its object afterwards; so what it returns
   * shares nothing that can change. It throws for an element that cannot be written: then the call has failed. Left out,
   * `write` gets copies of the elements, as it does for an output of which it returns none.
   */
  takerOf?(output: number): ((element: any) => unknown) | undefined;
  /** The same as `write`, of what the taker of this output gave, or of copies. Needed where there is a taker. */
  writeTaken?(output: number, taken: readonly any[]): void | Promise<void>;
  /** Resolves when all that was written is safe, with a mark for `openWriter` (undefined if nothing is taken back). */
  flush(): Promise<Json | undefined>;
  /** The lane has ended: appends the end mark to every output, once; here, or in `publish`. */
  end(): Promise<void>;
  /** After the last commit of an ended lane: makes the results final. Repeated by a later run if this one dies first. */
  publish(): Promise<void>;
  /** Closes without ending: what was flushed stays. Returns where partial results are, for the error message. */
  close(): Promise<string | undefined>;
}
