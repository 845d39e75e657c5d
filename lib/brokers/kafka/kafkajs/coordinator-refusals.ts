import type { Cluster } from 'kafkajs';

/**
 * Makes a cluster of kafkajs report that this user may not use a group or a transactional id: it drops the answers of
 * the brokers, so that the coordinator seems to be missing, and would be looked up again and again.
 */
export function withRefusals(cluster: Cluster): Cluster {
  const inside = cluster as unknown as ClusterInside;
  const find = inside.findGroupCoordinatorMetadata.bind(cluster);
  inside.findGroupCoordinatorMetadata = async (asked) => {
    try {
      return await find(asked);
    } catch (error) {
      if ((error as Error).name !== answersDropped) throw error;
      throw (await refusalOf(inside, asked)) ?? error;
    }
  };
  return cluster;
}

/**
 * The error of kafkajs if every broker was reached, and none named a coordinator. In an outage it is another one:
 * then the brokers are not asked again, which would take all the retries of a connection each time.
 */
const answersDropped = 'KafkaJSGroupCoordinatorNotFound';

interface ClusterInside {
  findGroupCoordinatorMetadata(asked: AskedCoordinator): Promise<unknown>;
  readonly brokerPool: { findConnectedBroker(): Promise<Asking> };
}

interface Asking {
  findGroupCoordinator(asked: AskedCoordinator): Promise<unknown>;
}

interface AskedCoordinator {
  /** The group, or the transactional id. */
  readonly groupId: string;
}

async function refusalOf({ brokerPool }: ClusterInside, asked: AskedCoordinator): Promise<Error | undefined> {
  try {
    const broker = await brokerPool.findConnectedBroker();
    await broker.findGroupCoordinator(asked);
  } catch (error) {
    const { type, message } = error as Error & { readonly type?: string };
    if (type?.endsWith('_AUTHORIZATION_FAILED') === true) {
      return Object.assign(error as Error, { message: `${asked.groupId}: ${message}` });
    }
  }
  return undefined;
}
