export type { Class } from '../../../lib/base/class.js';
export type { Json } from '../../../lib/base/json.js';
export type { Batch, MessageOrigin } from '../../../lib/brokers/batch.js';
export type {
  Broker,
  BrokerAbilities,
  BrokerLane,
  BrokerTimeouts,
  Connection,
  ConnectRequest,
  LaneProgress,
  LaneWriter,
  StreamReader,
} from '../../../lib/brokers/broker.js';
