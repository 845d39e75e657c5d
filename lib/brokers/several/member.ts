import type { Broker, BrokerLane, Connection } from '../broker.js';
import { whenWorking } from '../broker-failed.js';

/** One of several brokers, connected, with the inputs and outputs of the mill that belong to it. */
export interface Member {
  readonly broker: Broker;
  readonly connection: Connection;
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** One of several brokers, with a lane of it. */
export interface LaneMember extends Member {
  readonly lane: BrokerLane;
}

/** Drops the state that a broker that does not lead keeps for itself. */
export async function startOver({ broker, lane }: LaneMember): Promise<void> {
  await whenWorking(broker.name, 'starting a lane over', () => lane.restart?.());
}

/** The names of brokers, each once. */
export function namesOf(brokers: Iterable<Broker>): string {
  return [...new Set([...brokers].map(({ name }) => name))].join(' and ');
}
