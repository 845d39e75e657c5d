import type { Class } from '../../../base/class.js';
import type { StreamCodec } from '../../../messages/index.js';
import type { ConnectRequest, InputRequest } from '../../broker.js';
import type { SteadyClient } from '../client/steady-client.js';
import type { ResultForm } from '../commit/result-commands.js';
import type { ListPlace, RedisPlace, StreamPlace } from '../options/places.js';
import type { RedisSettings } from '../options/redis-options.js';

/** An input with its place. */
export interface RedisInput extends InputRequest {
  readonly place: RedisPlace;
}

/** The name under which progress is kept. */
export interface Progress {
  /** The group, one of its consumers, or a name of this run. */
  readonly group: string;
  /** No other run continues the progress. */
  readonly isOfThisRun: boolean;
  /** Others with names of their own write to the same outputs: the consumers of a group. */
  readonly isShared: boolean;
}

/** The settings of a connection whose keys have been checked. */
export interface ConnectionSetup {
  /** For commands that are answered immediately. */
  readonly client: SteadyClient;
  /** Makes another connection. */
  readonly steady: () => SteadyClient;
  readonly settings: RedisSettings;
  readonly request: ConnectRequest;
  readonly inputs: readonly RedisInput[];
  readonly outputs: readonly { readonly keys: readonly string[]; readonly form: ResultForm }[];
  /** The number of lanes that are read here. */
  readonly lanes: number;
  /** The number of lanes that write here: those of the leading broker. */
  readonly writingLanes: number;
  /** The commits of this broker are those of the mill. */
  readonly leads: boolean;
  readonly progress: Progress | undefined;
  /** The place for dead letters of a class, if there is an entry for it. */
  readonly letterPlace: (
    message: Class,
  ) => { readonly place: StreamPlace | ListPlace; readonly codec: StreamCodec<any> | undefined } | undefined;
  /** Unique for this run among all processes. */
  readonly token: string;
}
