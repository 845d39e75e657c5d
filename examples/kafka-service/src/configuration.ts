import { Environment } from './environment.js';

/** The connection to Kafka, the same for the mill and the producer. */
export interface Connection {
  readonly brokers: string[];
  readonly ssl: boolean;
  readonly sasl?: { readonly mechanism: 'scram-sha-512'; readonly username: string; readonly password: string };
}

export interface Configuration {
  readonly connection: Connection;
  readonly group: string;
  /** How often a replica checks for a rebalance of the lanes, in milliseconds. */
  readonly heartbeatMs: number;
  readonly topicPrefix: string;
  /** Creates missing topics with this many partitions; 0: a missing one is an error. */
  readonly createTopics: number;
  readonly guarantee: 'exactly-once' | 'at-least-once';
  /** How long a result takes to become visible with exactly-once, in milliseconds. */
  readonly commitEveryMs: number;
  readonly maxCelsius: number;
  readonly healthPort: number;
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
}

/** Throws an error that names every missing or invalid variable. */
export function readConfiguration(values: NodeJS.ProcessEnv): Configuration {
  const env = new Environment(values);
  const configuration: Configuration = {
    connection: readConnection(env),
    group: env.text('KAFKA_GROUP', 'cold-chain'),
    heartbeatMs: env.number('KAFKA_HEARTBEAT_MS', 500),
    topicPrefix: readTopicPrefix(env),
    createTopics: env.number('CREATE_TOPICS', 0),
    guarantee: env.oneOf('GUARANTEE', ['exactly-once', 'at-least-once'], 'exactly-once'),
    commitEveryMs: env.number('COMMIT_EVERY_MS', 100),
    maxCelsius: env.number('MAX_CELSIUS', 8),
    healthPort: env.number('HEALTH_PORT', 8080),
    logLevel: env.oneOf('LOG_LEVEL', ['debug', 'info', 'warn', 'error'], 'info'),
  };
  env.check();
  return configuration;
}

export function readConnection(env: Environment): Connection {
  const connection = {
    brokers: env.addresses('KAFKA_BROKERS'),
    ssl: env.oneOf('KAFKA_SSL', ['true', 'false'], 'false') === 'true',
  };
  const [username, password] = [env.secret('KAFKA_USERNAME'), env.secret('KAFKA_PASSWORD')];
  if (username === undefined && password === undefined) return connection;
  if (username === undefined) env.refuse('KAFKA_PASSWORD is set, but KAFKA_USERNAME is not');
  if (password === undefined) env.refuse('KAFKA_USERNAME is set, but KAFKA_PASSWORD is not');
  return { ...connection, sasl: { mechanism: 'scram-sha-512', username: username ?? '', password: password ?? '' } };
}

export function readTopicPrefix(env: Environment): string {
  return env.text('TOPIC_PREFIX', '');
}
