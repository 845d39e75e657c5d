import type { Class } from '../../lib/base/class.js';
import type { Broker, BrokerAbilities, BrokerTimeouts, StreamEntry } from '../../lib/brokers/broker.js';
import { field } from '../../lib/expressions/field.js';
import { joinStreams } from '../../lib/joins/join-streams.js';
import { joinWith } from '../../lib/joins/join-with.js';
import { alias } from '../../lib/messages/alias.js';
import { Field } from '../../lib/messages/field.js';
import { Message } from '../../lib/messages/message-decorator.js';

@Message()
export class Location {
  @Field() time!: number;
  @Field() x!: number;
}

@Message()
export class NextLocation extends alias(Location, 'NextLocation') {}

@Message()
export class Item {
  @Field() time!: number;
  @Field() name!: string;
}

@Message()
export class Weather {
  @Field() time!: number;
  @Field() place!: string;
}

@Message()
export class Speed {
  @Field() time!: number;
  @Field() speed!: number;
}

@Message()
export class Note {
  @Field() text!: string;
}

export class Clock {
  factor = 1;
}

/** A two-way self-join. */
export const selfJoin = joinStreams(
  Location,
  joinWith(NextLocation, { left: field(Location, 'time').plus(10), right: field(NextLocation, 'time') }),
);

/** Three edges that have groups, one of them below another. */
export const nested = joinStreams(
  Location,
  joinWith(
    joinStreams(NextLocation, joinWith(Item, { left: field(NextLocation, 'time'), right: field(Item, 'time') })),
    { left: field(Location, 'time'), right: field(NextLocation, 'time') },
  ),
  joinWith(Weather, { left: field(Location, 'time'), right: field(Weather, 'time'), within: [-5, 5], kind: 'left' }),
);

export const semi = joinStreams(
  Location,
  joinWith(Weather, { left: field(Location, 'time'), right: field(Weather, 'time'), kind: 'semi' }),
);

interface Setup extends Partial<BrokerAbilities> {
  readonly timeouts?: BrokerTimeouts;
}

/** A broker with streams, to which no mill connects. */
export function brokerOf(
  entries: readonly (readonly [Class, string])[],
  { timeouts, ...abilities }: Setup = {},
): Broker {
  const streams = new Map<Class, StreamEntry>(entries.map(([message, label]) => [message, { label, id: `/${label}` }]));
  return {
    name: 'TestBroker',
    abilities: { remembers: false, rereads: true, transactions: false, writesAnyClass: false, ...abilities },
    timeouts,
    streamOf: (message) => streams.get(message),
    connect: () => Promise.reject(new Error('never connected to')),
  };
}

/** Every class of this model with a separate stream. */
export const broker = brokerOf([
  [Location, 'locations.json'],
  [NextLocation, 'locations.json'],
  [Item, 'items.json'],
  [Weather, 'weather.json'],
  [Speed, 'speed.json'],
  [Note, 'notes.json'],
]);
