export type { Class } from '../../../lib/base/class.js';
export type { Json } from '../../../lib/base/json.js';
export type {
  Batch,
  Broker,
  BrokerAbilities,
  BrokerLane,
  BrokerTimeouts,
  Connection,
  ConnectRequest,
  LaneProgress,
  LaneWriter,
  MessageOrigin,
  StreamReader,
} from '../../../lib/brokers/broker.js';
