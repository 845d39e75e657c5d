import type { Class } from '../../base/class.js';
import type { StreamCodec } from '../../messages/index.js';
import type { ConnectRequest, InputRequest } from '../broker.js';
import type { ListPlace, RedisPlace, StreamPlace } from './places.js';
import type { RedisSettings } from './redis-options.js';
import type { ResultForm } from './result-commands.js';
import type { SteadyClient } from './steady-client.js';

/** An input with its place. */
export interface RedisInput extends InputRequest {
  readonly place: RedisPlace;
}

/** Under which name what must be remembered is kept. */
export interface Progress {
  /** The group, a consumer of it, or a name of this run. */
  readonly group: string;
  /** Nothing continues it. */
  readonly isOfThisRun: boolean;
  /** Others with their own names write to the same outputs: the consumers of a group. */
  readonly isShared: boolean;
}

/** What a connection works with, once its keys are checked. */
export interface ConnectionSetup {
  /** For what is answered at once. */
  readonly client: SteadyClient;
  /** Makes a further connection. */
  readonly steady: () => SteadyClient;
  readonly settings: RedisSettings;
  readonly request: ConnectRequest;
  readonly inputs: readonly RedisInput[];
  readonly outputs: readonly { readonly keys: readonly string[]; readonly form: ResultForm }[];
  /** How many are read here. */
  readonly lanes: number;
  /** How many write here: those of the broker that leads. */
  readonly writingLanes: number;
  /** This broker's commits are the mill's. */
  readonly leads: boolean;
  readonly progress: Progress | undefined;
  /** Where dead letters of a class go, if there is an entry for it. */
  readonly letterPlace: (
    message: Class,
  ) => { readonly place: StreamPlace | ListPlace; readonly codec: StreamCodec<any> | undefined } | undefined;
  /** Names this run among all processes. */
  readonly token: string;
}
