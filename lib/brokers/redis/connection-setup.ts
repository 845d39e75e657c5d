import type { ConnectRequest, InputRequest } from '../broker.js';
import type { RedisPlace } from './places.js';
import type { RedisSettings } from './redis-options.js';
import type { ResultForm } from './result-commands.js';
import type { SteadyClient } from './steady-client.js';

/** An input with its place. */
export interface RedisInput extends InputRequest {
  readonly place: RedisPlace;
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
  readonly lanes: number;
  /** Names this run among all processes. */
  readonly token: string;
}
