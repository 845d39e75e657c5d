import type { Class } from '../../base/class.js';
import { isAbort } from '../../base/is-abort.js';
import { WaterMillError } from '../../base/watermill-error.js';
import type {
  Broker,
  BrokerAbilities,
  BrokerTimeouts,
  Connection,
  ConnectRequest,
  InputRequest,
  OutputRequest,
  StreamEntry,
} from '../broker.js';
import { brokerError } from '../broker-failed.js';
import { UsedFiles } from '../used-files.js';
import { type Member, namesOf } from './member.js';
import { SeveralConnection } from './several-connection.js';

/** The broker that each class is read from, and the one that it is written to. */
export interface Routes {
  readonly inputs: ReadonlyMap<Class, Broker>;
  readonly outputs: ReadonlyMap<Class, Broker>;
}

/**
 * Several brokers as one. The leader's lanes are the lanes, and it keeps the progress of all, in its transactions if it
 * has any. The other brokers are read completely by each lane, and keep only the state they need for themselves.
 */
export class SeveralBrokers implements Broker {
  readonly name: string;
  readonly abilities: BrokerAbilities;
  readonly timeouts: BrokerTimeouts | undefined;
  private readonly all: readonly Broker[];

  constructor(
    private readonly leader: Broker,
    private readonly routes: Routes,
  ) {
    this.all = [...new Set([leader, ...routes.inputs.values(), ...routes.outputs.values()])];
    this.name = namesOf(this.all);
    const { remembers, transactions, writesAnyClass, tables } = leader.abilities;
    const rereads = this.all.every(({ abilities }) => abilities.rereads);
    this.abilities = Object.freeze({ remembers, rereads, transactions, writesAnyClass, tables });
    this.timeouts = leader.timeouts;
  }

  streamOf(message: Class): StreamEntry | undefined {
    const { inputs, outputs } = this.routes;
    return (inputs.get(message) ?? outputs.get(message) ?? this.leader).streamOf(message);
  }

  async connect(request: ConnectRequest): Promise<Connection> {
    const members: Member[] = [];
    const shared = { ...request, files: new UsedFiles() };
    try {
      for (const broker of this.all) members.push(await this.connectTo(broker, shared, members[0]));
      return new SeveralConnection(members, request, this.leader.abilities.remembers);
    } catch (error) {
      for (const { connection } of members.reverse()) await connection.close().catch(() => {});
      throw error;
    }
  }

  private async connectTo(broker: Broker, request: ConnectRequest, leader: Member | undefined): Promise<Member> {
    const { inputs, outputs } = this.routes;
    const of = (routes: ReadonlyMap<Class, Broker>, requests: readonly (InputRequest | OutputRequest)[]): number[] =>
      requests.flatMap(({ message }, i) => ((routes.get(message) ?? this.leader) === broker ? [i] : []));
    const own = { inputs: of(inputs, request.inputs), outputs: of(outputs, request.outputs) };
    const lanes = leader && (leader.connection.laneCount ?? 1);
    const first = request.inputs[own.inputs[0] ?? -1];
    if (leader !== undefined && lanes !== undefined && lanes > 1) {
      const once = own.inputs.find((i) => !broker.abilities.rereads || request.inputs[i]?.entry.onlyOnce === true);
      if (once !== undefined) {
        const why = `${leader.broker.name} has ${lanes} lanes, and each reads it whole; ${broker.name} can read it only once`;
        throw cannotFollow(broker, request.inputs[once] as InputRequest, why);
      }
    }
    const { remembers, transactions } = this.leader.abilities;
    const connection = await this.open(broker, {
      ...request,
      inputs: own.inputs.map((i) => request.inputs[i] as InputRequest),
      outputs: own.outputs.map((i) => request.outputs[i] as OutputRequest),
      ...(leader !== undefined && { lanes, tables: [], exactlyOnce: transactions }),
      ...(leader !== undefined && !remembers && { startsOver: true }),
    });
    const parts = connection.laneCount ?? 1;
    if (leader !== undefined && first !== undefined && parts > 1) {
      await connection.close().catch(() => {});
      throw cannotFollow(broker, first, `it has ${parts} lanes there, and ${leader.broker.name} leads`);
    }
    return { broker, connection, ...own };
  }

  private async open(broker: Broker, request: ConnectRequest): Promise<Connection> {
    try {
      return await broker.connect(request);
    } catch (error) {
      throw isAbort(error) ? error : brokerError(error, broker.name, 'connecting');
    }
  }
}

function cannotFollow(broker: Broker, { message }: InputRequest, reason: string): WaterMillError {
  return new WaterMillError(
    'WM_BROKER_CANNOT_FOLLOW',
    `${message.name} cannot be read from ${broker.name} in this mill: ${reason}. ` +
      `Give ${message.name} a source that can be read again, such as a file, or bring the streams to one broker.`,
    { message: message.name, broker: broker.name },
  );
}
