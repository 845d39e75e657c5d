import type { LaneWriter } from '../../broker.js';
import { type ReadyRequest, RequestSender } from '../../request-sender.js';
import type { RedisCommand } from '../client/redis-client.js';
import type { ResultForm, TakenResult } from './result-commands.js';

/** One key that a lane writes to. */
export interface RedisTarget {
  readonly key: string;
  readonly form: ResultForm;
}

export interface WriterSetup {
  readonly targets: readonly RedisTarget[];
  /** Results are kept until the commit takes them. */
  readonly isTransactional: boolean;
  /** Sends commands that belong together; repeats them if the connection broke. */
  readonly send: (commands: readonly RedisCommand[]) => Promise<unknown>;
  /** Writes the end marks. Called when the lane is over and its last results are safe. */
  readonly publish: (writer: RedisWriter) => Promise<void>;
  /** Converts a failure to write to a target. */
  readonly failed: (cause: unknown, what: string, target: RedisTarget) => Promise<Error>;
  /** Called when the writer is closed. */
  readonly closed: () => void;
}

/** More per request cost memory, fewer cost time. */
const resultsPerRequest = 500;
/** The number of queued results beyond which the caller of `write` has to wait. */
const mostQueued = 4_000;

interface Request {
  readonly target: RedisTarget;
  readonly taken: TakenResult[];
}

/**
 * Writes the results of a lane. At least once, they are sent one request at a time. Exactly once, they wait for the
 * commit, which includes them in its transaction.
 */
export class RedisWriter implements LaneWriter {
  private requests: Request[] = [];
  /** The request of a target that is still filling up. */
  private readonly open = new Map<RedisTarget, Request>();
  private readonly sender = new RequestSender(mostQueued, () => this.takeRequest());
  private isClosed = false;

  constructor(private readonly setup: WriterSetup) {}

  write(output: number, elements: readonly object[]): void | Promise<void> {
    return this.writeTaken(output, elements.map(this.takerOf(output)));
  }

  takerOf(output: number): (element: object) => TakenResult {
    return this.setup.targets[output]!.form.take;
  }

  writeTaken(output: number, taken: readonly TakenResult[]): void | Promise<void> {
    const target = this.setup.targets[output]!;
    for (let i = 0; i < taken.length; i++) this.append(target, taken[i] as TakenResult);
    this.sender.add(taken.length);
    if (!this.setup.isTransactional) return this.sender.send();
  }

  async flush(): Promise<undefined> {
    if (!this.setup.isTransactional) await this.sender.flush();
  }

  /** The marks are written by `publish`, after a commit after which nothing is repeated. */
  async end(): Promise<void> {}

  publish(): Promise<void> {
    return this.setup.publish(this);
  }

  /** The results that wait for the commit, as commands. The caller owns them from here on. */
  takeCommands(): RedisCommand[] {
    const { requests } = this;
    this.forget();
    return requests.flatMap(({ target, taken }) => [...target.form.commands(target.key, taken)]);
  }

  /** Drops queued results: they were never promised. */
  async close(): Promise<undefined> {
    if (this.isClosed) return;
    this.isClosed = true;
    this.forget();
    await this.sender.close();
    this.setup.closed();
  }

  private forget(): void {
    this.requests = [];
    this.open.clear();
    this.sender.dropped();
  }

  private append(target: RedisTarget, taken: TakenResult): void {
    const open = this.open.get(target);
    if (open !== undefined && open.taken.length < resultsPerRequest) {
      open.taken.push(taken);
      return;
    }
    const request = { target, taken: [taken] };
    this.requests.push(request);
    this.open.set(target, request);
  }

  private takeRequest(): ReadyRequest | undefined {
    const request = this.requests.shift();
    if (request === undefined) return undefined;
    if (this.open.get(request.target) === request) this.open.delete(request.target);
    return { size: request.taken.length, send: () => this.send(request) };
  }

  private async send({ target, taken }: Request): Promise<Error | undefined> {
    const { key, form } = target;
    try {
      await this.setup.send(form.commands(key, taken));
      return undefined;
    } catch (cause) {
      return this.setup.failed(cause, `writing ${taken.length} results to ${key}`, target);
    }
  }
}
