import type { MessageClass } from '../../../base/class.js';
import { WaterMillError } from '../../../base/watermill-error.js';
import type { Broker, StreamEntry } from '../../../brokers/broker.js';
import { namesOf } from '../../../brokers/several/member.js';
import { SeveralBrokers } from '../../../brokers/several/several-brokers.js';
import { checkedSchemaOf } from '../../../messages/schema.js';
import type { PlanNode, PlanOutput } from '../plan.js';

/** A stream, and its broker. */
export interface FoundStream {
  readonly broker: Broker;
  readonly entry: StreamEntry;
}

/** The brokers of a mill: finds the broker of a class, and throws if there is none or if there are two. */
export class MillBrokers {
  /** The broker of the master. */
  readonly leader: Broker;

  constructor(
    private readonly brokers: readonly Broker[],
    /** The broker of all results. */
    private readonly outputBroker: Broker | undefined,
    master: MessageClass<any>,
  ) {
    this.leader = this.input(master, 'the master').broker;
  }

  input(message: MessageClass<any>, role: string): FoundStream {
    return this.found(this.brokers, message, role) ?? this.none(this.brokers, message, role);
  }

  output(message: MessageClass<any>, role: string): FoundStream {
    const { leader, outputBroker } = this;
    const brokers = outputBroker === undefined ? this.brokers : [outputBroker];
    const found = this.found(brokers, message, role) ?? onTheFly(outputBroker ?? leader, message);
    if (found === undefined) {
      const writing = brokers.filter(({ abilities }) => abilities.writes !== false);
      if (writing.length === 0) throw readsOnly(brokers[0]!, message, role);
      return this.none(writing, message, role);
    }
    const { broker } = found;
    if (broker.abilities.writes === false) throw readsOnly(broker, message, role);
    if (broker !== leader) refuseOutsideTransaction(leader, broker, message, role);
    return found;
  }

  /** The broker that the plan connects to. */
  asOne(nodes: readonly PlanNode[], outputs: readonly PlanOutput[]): Broker {
    const used = new Set([...nodes, ...outputs].map(({ broker }) => broker));
    if (used.size === 1) return this.leader;
    const routes = (list: readonly (PlanNode | PlanOutput)[]) =>
      new Map(list.map(({ message, broker }) => [message, broker] as const));
    return new SeveralBrokers(this.leader, { inputs: routes(nodes), outputs: routes(outputs) });
  }

  private found(brokers: readonly Broker[], message: MessageClass<any>, role: string): FoundStream | undefined {
    const found = brokers.flatMap((broker) => {
      const entry = broker.streamOf(message);
      return entry === undefined ? [] : [{ broker, entry }];
    });
    if (found.length > 1) throw severalHave(found, message, role);
    return found[0];
  }

  private none(brokers: readonly Broker[], { name }: MessageClass<any>, role: string): never {
    const who = brokers.length === 1 ? `${brokers[0]!.name} has no entry` : `None of ${namesOf(brokers)} has an entry`;
    throw new WaterMillError(
      'WM_STREAM_MISSING',
      `${who} for ${name}, ${role}. Add an entry, [${name}, …], to ${brokers.length === 1 ? 'it' : 'one of them'}.`,
      { message: name },
    );
  }
}

function onTheFly(broker: Broker, message: MessageClass<any>): FoundStream | undefined {
  if (!broker.abilities.writesAnyClass) return undefined;
  const { name } = checkedSchemaOf(message);
  return { broker, entry: { label: name, id: `written ${name}` } };
}

function severalHave(found: readonly FoundStream[], { name }: MessageClass<any>, role: string): WaterMillError {
  const places = found.map(({ broker, entry }) => `${entry.label} of ${broker.name}`);
  return new WaterMillError(
    'WM_STREAM_AMBIGUOUS',
    `${name}, ${role}, has entries in several brokers of the mill: ${places.join(' and ')}. ` +
      `A class belongs to one broker: remove all entries of ${name} but one, or give the other stream its own class (an alias will do).`,
    { message: name, expected: 'one entry', found: places.join(' and ') },
  );
}

function readsOnly(broker: Broker, { name }: MessageClass<any>, role: string): WaterMillError {
  return new WaterMillError(
    'WM_STREAM_MISSING',
    `${broker.name} only reads, and the mill writes ${name}, ${role}. Give the mill an outputBroker that has an entry for ${name}.`,
    { message: name },
  );
}

/**
 * Throws if results are not part of the transaction of the positions and cannot be rolled back: they would be
 * duplicated by a crash.
 */
function refuseOutsideTransaction(leader: Broker, broker: Broker, { name }: MessageClass<any>, role: string): void {
  if (leader.abilities.transactions && broker.abilities.rollsBack !== true) {
    throw new WaterMillError(
      'WM_GUARANTEE',
      `${leader.name} is to commit results and positions in one transaction (exactly once), but ${name}, ${role}, goes to ${broker.name}, which can neither take part in it nor take results back. ` +
        `Write ${name} to ${leader.name}, to files, or to a CustomMessageBroker with \`progress\` that has only batch sinks, or use at-least-once.`,
      { message: name, expected: `results on ${leader.name}`, found: broker.name },
    );
  }
}
