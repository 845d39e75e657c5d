import type { Class } from '../base/class.js';
import type { Clock } from '../base/clock.js';
import type { Json } from '../base/json.js';
import type { Logger } from '../base/logger.js';
import type { StreamCodec } from '../messages/codec.js';
import type { Batch } from './batch.js';
import type { KeptTables, TableRequest } from './kept-tables.js';
import type { UsedFiles } from './used-files.js';

/**
 * The interface between a mill and the outside world. A broker is a description until a mill connects to it; one broker
 * object may serve several mills, each with its own connection.
 *
 * The order of calls: `streamOf` while the mill is made; `connect` once per run; then for every lane that `lanes()`
 * returns: `restart` to forget a previous commit, `openTables` where there are any, `openWriter`, `openReader` for each
 * input, and, until the lane ends, any number of `read`, `write`, and the commit sequence `writer.flush()`,
 * `tables.flush()`, `lane.commit(…)`, `writer.committed()`. When a lane ends: `writer.end()`, the commit sequence,
 * `writer.publish()`. Finally, in any case, `lane.release()`. Every `close` may be called at any time, repeatedly, and
 * while a read is pending.
 */
export interface Broker {
  /** The name of the broker in errors and reports: `JsonFileMessageBroker`. */
  readonly name: string;
  readonly abilities: BrokerAbilities;
  readonly timeouts?: BrokerTimeouts;
  /** The stream of this class, or undefined if the broker has none. Never throws, and does no I/O. */
  streamOf(message: Class): StreamEntry | undefined;
  connect(request: ConnectRequest): Promise<Connection>;
  /**
   * The lag of each of these inputs, lane by lane, relative to the last commit. Called from outside, whether mills run
   * or not. Read-only. Brokers that cannot tell leave it out.
   */
  lag?(request: LagRequest): Promise<readonly (readonly StreamLag[])[]>;
}

/** The inputs whose lag is asked for. */
export interface LagRequest {
  readonly inputs: readonly InputRequest[];
  readonly logger: Logger;
}

/** The lag of one lane of a stream. */
export interface StreamLag {
  /** `partition 3`. */
  readonly label: string;
  /** The next position to read; undefined if nothing was committed. */
  readonly committed: number | undefined;
  /** The position after the last element. */
  readonly end: number;
  readonly lag: number;
}

/** The abilities of a broker. Shared code checks these, never the class of a broker. */
export interface BrokerAbilities {
  /** Commits outlive the process: a new run continues from them. */
  readonly remembers: boolean;
  /** Several readers may read a stream at once, each at its own position. */
  readonly rereads: boolean;
  /** Results and positions are committed together: results are not visible before `commit`. */
  readonly transactions: boolean;
  /**
   * A transaction that is open for this long is aborted, with its results: a mill must commit more often. Milliseconds.
   * Default: none is aborted.
   */
  readonly transactionTimeoutMs?: number;
  /** Classes without an entry may be written: their streams are created on demand. */
  readonly writesAnyClass: boolean;
  /** The broker accepts results at all. Default: true. */
  readonly writes?: boolean;
  /**
   * Results written after the last commit are rolled back to its mark, even if the process crashed. So a mill can write
   * to this broker while another broker commits its positions exactly once. Default: false.
   */
  readonly rollsBack?: boolean;
  /** The broker keeps tables with the commits of a lane: its lanes have `openTables`. Default: false. */
  readonly tables?: boolean;
  /** Results of an output with a `key` go to the partition of that key, whichever lane writes them. Default: false. */
  readonly partitionsByKey?: boolean;
  /**
   * If connected with `aside`, without outputs and with `lanes`, the broker reads whole streams concurrently with any
   * run and leaves no trace. For `why`. Default: false.
   */
  readonly readsAside?: boolean;
}

/** When the streams of a broker count as ended, and open windows are asked again. */
export interface BrokerTimeouts {
  /** A stream without new values for this long has ended. Milliseconds. Default: it waits forever. */
  readonly dataTimeoutMs?: number;
  /**
   * The `onTimeout` of an open expression window is called after this long without new elements, and again after each
   * further interval. Milliseconds. Default: never.
   */
  readonly pollTimeoutMs?: number;
}

/** One stream of a broker, as named in errors, reports and plans. */
export interface StreamEntry {
  /** The name to display: a path, a topic. */
  readonly label: string;
  /**
   * Equal for entries of the same stream, however they are spelt and whichever broker object has them (an absolute
   * path; a cluster and a topic), and different for different streams.
   */
  readonly id: string;
  /** The `id` of the output of this name, if that is another stream: `-` stands for two, input and output. */
  readonly outputId?: string;
  readonly codec?: StreamCodec<any>;
  /**
   * The stream can be read only once, although others of the broker can be reread: a queue, a generator. Default:
   * false.
   */
  readonly onlyOnce?: boolean;
  /** Values may be written by hand: a renamed field may then also have its property's name. Default: false. */
  readonly acceptPropertyNames?: boolean;
  /** The order of the values follows no key: a join over the stream needs `order: { slack }`. Default: false. */
  readonly unordered?: boolean;
  /** The other readers of the stream, in words, if each value goes to only one of them. Default: there are none. */
  readonly sharedWith?: string;
  /**
   * Values are objects whose members are texts (a row of CSV, the fields of an entry), which are converted by the
   * class; a deserializer gets the texts. Default: false.
   */
  readonly texts?: boolean;
  /**
   * The file, and further arguments of `npx watermill sort` to read it; undefined if it cannot be sorted. Called for
   * errors that explain how to sort the stream. Default: the stream is not a file.
   */
  readonly sortArguments?: () => readonly string[] | undefined;
  /**
   * For a stream that the wall clock drives, a description that follows the name of its class: "comes every 1000 ms".
   * Default: it is not.
   */
  readonly clock?: string;
}

/** What a run reads and writes, and its surroundings. */
export interface ConnectRequest {
  /** The fingerprint of the plan: commits of another plan cannot be used by this run. */
  readonly plan: string;
  /** One per node of the plan, in the plan's order. Nodes of the same stream have equal `entry.id`. */
  readonly inputs: readonly InputRequest[];
  readonly outputs: readonly OutputRequest[];
  /** The tables of the lanes, if this broker leads. */
  readonly tables?: readonly TableRequest[];
  /**
   * If another broker leads: the number of its lanes, in all processes together. This broker then keeps no progress for
   * them: each of those lanes may open every input, at marks that the leader committed, and its own writer.
   */
  readonly lanes?: number;
  /** If another broker leads: it keeps no progress, so every run starts at the beginning. */
  readonly startsOver?: true;
  /** Read concurrently with any run, for `why`: see `readsAside`. */
  readonly aside?: true;
  /** With `aside`: the outputs of the runs, if the progress is found by them. Nothing is done with them. */
  readonly outputsOfRuns?: readonly OutputRequest[];
  /**
   * Set by a mill: no other running mill may write these outputs or use this progress. A broker with locks of its own does not
   * need it.
   */
  readonly exclusive?: true;
  /** The leader commits exactly once: outputs that cannot be rolled back are refused. */
  readonly exactlyOnce?: boolean;
  /** If a mill has several brokers: those that use files add them here, so that none is written that has another use. */
  readonly files?: UsedFiles;
  readonly signal: AbortSignal;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** A node of the plan, and its stream. */
export interface InputRequest {
  readonly message: Class;
  readonly entry: StreamEntry;
  /**
   * Another mill, the stage before this one in a flow, writes the stream and creates it if it is missing: only that one
   * knows how many partitions it needs.
   */
  readonly isOfStage?: boolean;
}

/** A class of results, late elements or dead letters, and its stream. */
export interface OutputRequest {
  readonly message: Class;
  readonly entry: StreamEntry;
  /** Dead letters are among the elements written to this output. */
  readonly takesLetters?: boolean;
  /**
   * Elements with equal keys must be in the same partition, whichever lane writes them. Returns the key of an element,
   * not a promise.
   */
  readonly key?: (element: any) => unknown;
}

/** One run of a mill over a broker, from `connect` to `close`. */
export interface Connection {
  /** Sources or sinks of the user run in this connection, and may ask the mill to stop. Default: false. */
  readonly runsUserCode?: boolean;
  /** The number of lanes, in all processes together. Default: 1. */
  readonly laneCount?: number;
  /**
   * The lanes assigned to this process, as they are assigned. Ends when there will be no more. Files and memory have
   * one lane.
   */
  lanes(): AsyncIterable<BrokerLane> | Iterable<BrokerLane>;
  /**
   * Opens the writer of a lane. `mark` is the result of `flush` at the last valid commit: results after it are rolled
   * back if the broker can do that. Undefined for a lane that starts at the beginning. `isContinued`: the lane had
   * ended and continues, so an end recorded in the mark is rolled back, too. `confirm`: of the lane, if another broker
   * leads and its lanes may be taken over. A writer whose output has one owner at a time calls it as soon as it is that,
   * before it changes anything: while it waited, the lane may have continued elsewhere, and then the mark is too old.
   */
  openWriter(
    lane: LaneName,
    mark: Json | undefined,
    isContinued?: boolean,
    confirm?: () => Promise<void>,
  ): Promise<LaneWriter>;
  close(): Promise<void>;
}

/**
 * Equal for the same lane of every broker of a mill: the number of a partition, from `0` on; `0` if there is one lane.
 */
export type LaneName = string;

/** One partition of every stream, and the place of its progress. It belongs to this process until it is released. */
export interface BrokerLane {
  readonly name: LaneName;
  /** The name of the lane in errors, if the broker has several: `partition 3`. */
  readonly label?: string;
  /** The text of the last commit, or undefined. It may be a commit of another plan, which the mill refuses or drops. */
  readonly committed: string | undefined;
  /** The location of that text, for the error if it cannot be read: a path, a key. */
  readonly committedIn?: string;
  /**
   * Aborted when the lane is taken away from this process: it stops after the current element, commits and is released.
   * Failures of the lane from then on are not failures of the mill.
   */
  readonly revoked?: AbortSignal;
  /**
   * Aborted, together with `revoked`, if another process may already own the lane: nothing more may be written or
   * committed.
   */
  readonly lost?: AbortSignal;
  /**
   * Decides about a lane that had ended: it stays ended (`'ended'`), starts over (`'restart'`: the mill calls
   * `restart`), or continues with what its streams received since (`'continue'`). Called before anything of the lane is
   * opened. Default: `'ended'`.
   */
  afterEnd?(): Promise<'ended' | 'restart' | 'continue'>;
  /**
   * Drops the commit of another plan: the lane starts over. Called before anything of the lane is opened; then readers
   * and writer are opened without a mark. Brokers that find the beginning themselves may leave it out.
   */
  restart?(): Promise<void>;
  /** Opens an input (its index in the request) at the mark of one of its batches, or at its beginning. */
  openReader(input: number, mark: Json | undefined): Promise<StreamReader>;
  /**
   * Opens the tables of the lane as of its last commit. `mark` is the result of their `flush` then, null if that was
   * undefined; undefined for a lane that begins or starts over, whose earlier tables do not count. Called before the
   * readers and the writer are opened. Required if `abilities.tables` is set.
   */
  openTables?(tables: readonly TableRequest[], mark: Json | undefined): Promise<KeptTables>;
  /**
   * Throws if a text is longer than the broker can keep. Called before the results that a commit of it would cover are
   * written. Brokers that keep texts of any length leave it out.
   */
  check?(text: string): void;
  /**
   * Keeps the text, durably if the broker remembers. Called after `flush` of everything that it covers; resolves when
   * the commit is valid. Calls never overlap.
   */
  commit(text: string, progress: LaneProgress): Promise<void>;
  /**
   * Rejects, and aborts `lost`, if `committed` may not be the last commit any more, since another process has taken over
   * the lane. Default: no other process can.
   */
  confirm?(): Promise<void>;
  /** Releases the lane: this process has closed its readers and its writer, and it may start elsewhere. */
  release?(): Promise<void>;
}

/** The contents of a commit that are available without parsing its text, for the broker and for external tools. */
export interface LaneProgress {
  /**
   * One per input: every element below this position has been processed. When the master has ended, a broker on which the
   * lane may continue keeps those from its mark on.
   */
  readonly positions: readonly number[];
  /**
   * One per input: the mark at which a restart opens it. Elements before it are not needed any more and can be
   * acknowledged. Undefined for the beginning. A broker whose batches have `markAt` gets it to the element.
   */
  readonly marks: readonly (Json | undefined)[];
  /** The lane is over: no later run continues it. */
  readonly ended: boolean;
}

/**
 * A wrapper around another broker implements every member, so that the compiler reports members that are added to the
 * interface.
 */
export type StandIn<T> = { readonly [K in keyof Required<T>]: T[K] };

/** Reads one stream of a lane forward, from the mark that it was opened at. */
export interface StreamReader {
  /**
   * Returns the next batch: immediately if it is available (no promise), otherwise when it arrives. Reads never
   * overlap. A batch may be empty. There are no reads after a batch with `end`. If the stream cannot be read any
   * further, rejects with a WaterMillError that names stream and position, after all earlier values were returned.
   */
  read(): Batch | Promise<Batch>;
  /** This stream cannot be opened a second time, although others of the broker can: a pipe. Default: false. */
  readonly onlyOnce?: boolean;
  /**
   * Values cannot be given back, or not soon: a mill that is stopped processes all of them first. Once `signal` of the
   * request is aborted, the reader takes no more, and a pending read resolves with the values taken or an empty batch.
   * Default: false.
   */
  readonly finishes?: boolean;
  /**
   * The reader returns nothing more until the values returned so far are committed: then the mill commits immediately.
   * Default: never.
   */
  awaitsCommit?(): boolean;
  /** The part of the stream that was returned, 0 to 1, if known. */
  fraction?(): number | undefined;
  /** The number of values that are available and not returned yet, if known. */
  lag?(): number | undefined;
  /** The pending read waits for values that do not exist yet, if known. */
  waitsForMore?(): boolean;
  /**
   * The time since which the source of the values has answered without interruption, by the clock of the request;
   * undefined while it does not answer. A stream is silent only from then on, for `dataTimeoutMs` and `idle`. Default: it
   * always answers.
   */
  answersSince?(): number | undefined;
  /**
   * The time of the last answer, if the source answers: a stream is silent only up to then, until there is another one.
   * Default: now.
   */
  answeredAt?(): number | undefined;
  /** Releases all resources. A pending read settles; its outcome is ignored. */
  close(): Promise<void>;
}

/** Writes the results of a lane to all outputs. */
export interface LaneWriter {
  /**
   * Appends elements to an output (its index in the request), in order. The array belongs to the writer: it is not
   * changed afterwards. The returned promise is back-pressure.
   */
  write(output: number, elements: readonly object[]): void | Promise<void>;
  /**
   * Returns the function that converts an element to the form in which it is kept until `writeTaken`: its text, a
   * record, a copy. It is called as soon as the element's call is done, since the process may change the object
   * afterwards; so its result must not share mutable state with the element. It throws for an element that cannot be
   * written: then the call fails. Without `takerOf`, or for outputs for which it returns undefined, `write` gets copies
   * of the elements.
   */
  takerOf?(output: number): ((element: any) => unknown) | undefined;
  /** Like `write`, for results of this output's `takerOf`, or for copies. Required if there is a taker. */
  writeTaken?(output: number, taken: readonly any[]): void | Promise<void>;
  /**
   * Resolves when everything written so far is durable, to a mark for `openWriter`; undefined if nothing can be rolled
   * back.
   */
  flush(): Promise<Json | undefined>;
  /**
   * Called after each commit: everything flushed so far is covered by a valid one. For results that cannot be rolled
   * back: `flush` keeps them, and here they are passed on, as in `openWriter` if the process crashed first. Resolves to
   * the mark from now on if it has changed; the last commit of a run is made again with it. Default: nothing is kept.
   */
  committed?(): Promise<Json | undefined>;
  /** The lane has ended: appends the end mark to every output, once; here or in `publish`. */
  end(): Promise<void>;
  /**
   * Makes the results final, after the last commit of an ended lane. A later run repeats it if this process crashes
   * first.
   */
  publish(): Promise<void>;
  /**
   * Closes without ending: flushed results stay. `isTaken`: the lane was revoked, another process may have it. Returns the
   * location of partial results, for the error message.
   */
  close(isTaken?: boolean): Promise<string | undefined>;
}
