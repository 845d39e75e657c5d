import { Field, field, Joined, joinStreams, joinWith, Message, message, tuple, window } from 'watermill';
import { badMessageError, readerOf, writerOf } from '../../lib/messages/index.js';
import { Item, Location, semi, Weather } from '../plan/model.js';
import type { Production } from './produced-code.js';

const time = field(Item, 'time');
const byTime = { left: time, right: field(Weather, 'time') };
const on = [[field(Item, 'name'), field(Weather, 'place')]] as const;

/** Joins items and weather with these options, regardless of their types. */
const join = (options: object): unknown =>
  joinStreams(Item, joinWith(Weather, { ...byTime, ...options } as typeof byTime));

/** Returns a class with one number under this name in messages, in addition to another field. */
function fieldless(): new () => object {
  class Empty {}
  Message()(Empty);
  return Empty;
}

function classWith(name: string): new () => object {
  class Made {}
  Field(() => Number)(Made.prototype, 'n');
  Field(() => Number, { name })(Made.prototype, 'm');
  return Made;
}

class Needs {
  readonly n: number;
  constructor(options: { n: number }) {
    this.n = options.n;
  }
}
Field(() => Number)(Needs.prototype, 'n');
Message()(Needs as new () => Needs);

/** Reads a class of class-transformer when that is not installed. */
function withoutClassTransformer(): void {
  jest.isolateModules(() => {
    jest.doMock('class-transformer', () => {
      throw new Error('not installed');
    });
    const messages = require('../../lib/messages/index.js') as typeof import('../../lib/messages/index.js');
    class Track {}
    messages.Field(() => Number)(Track.prototype, 'n');
    messages.Message({ codec: 'class-transformer' })(Track);
    messages.readerOf(Track)({ n: 1 });
  });
}

class Half {
  n!: number;
  s = '';
}
Field(() => Number)(Half.prototype, 'n');
Message()(Half);

function readBadly(): void {
  try {
    readerOf(Item)({ time: 'soon' });
  } catch (problem) {
    throw badMessageError(problem, { message: 'Item', stream: 'items.json', position: 0 });
  }
}

/** Errors of declaring classes, reading and writing messages, expressions, joins and windows. */
export const describing: readonly Production[] = [
  ['WM_FIELD_PLACE', () => (Field() as any)(Item, 'time')],
  ['WM_FIELD_UNDECLARED', () => readerOf(Half)({ n: 1, s: 'x' })],
  ['WM_FIELD_TYPE', () => Field((() => 5) as any)({}, 'n')],
  ['WM_FIELD_TYPE_CONTRADICTED', () => declare(Number, () => String)],
  ['WM_FIELD_TYPE_UNKNOWN', () => declare(Object, undefined)],
  ['WM_FIELD_OPTIONS', () => Field({ optinal: true } as any)({}, 'n')],
  ['WM_FIELD_ONE_OF', () => Field({ oneOf: [] })({}, 'n')],
  ['WM_FIELD_TIME', () => Field(() => Number, { fraction: 'cut' })({}, 'n')],
  ['WM_FIELD_NAME_TWICE', () => Message()(classWith('n'))],
  ['WM_MESSAGE_FIELDS', () => readerOf(fieldless())({ a: 1 })],
  ['WM_MESSAGE_MEMBER', () => message(Item, { tiem: 1 } as any)],
  ['WM_MESSAGE_OPTIONS', () => Message({ codec: 'xml' } as any)(classWith('other'))],
  ['WM_MESSAGE_CONSTRUCTOR', () => readerOf(Needs as new () => Needs)],
  ['WM_NOT_A_MESSAGE_CLASS', () => readerOf(class Plain {})],
  ['WM_BAD_MESSAGE', readBadly],
  ['WM_BAD_RESULT', () => writerOf(Item)(new Item())],
  ['WM_ASYNC_DESERIALIZER', () => readerOf(Item, { deserializer: (async () => ({})) as any })({})],
  ['WM_CLASS_TRANSFORMER_MISSING', withoutClassTransformer],
  ['WM_EXPRESSION_FIELD', () => field(Item, 'tyme' as 'time')],
  ['WM_EXPRESSION_OPERAND', () => time.plus(Number.NaN)],
  ['WM_EXPRESSION_TUPLE', () => (tuple as any)()],
  ['WM_KEY', () => join({ left: 'time' })],
  ['WM_KEY_CLASS', () => join({ left: field(Location, 'time') })],
  ['WM_KEY_DISTANCE', () => join({ left: on[0][0], right: on[0][1], within: [-1, 1] })],
  ['WM_KEY_ORDER', () => join({ left: time.mod(7) })],
  ['WM_KEY_TYPE', () => join({ right: on[0][1] })],
  ['WM_AS_OF_TOLERANCE', () => join({ asOf: 'backward', on })],
  ['WM_JOIN_CHILD', () => joinWith(window(Weather, byTime.right) as any, byTime)],
  ['WM_JOINED', () => new Joined().of(undefined)],
  ['WM_JOIN_LEFT_BELOW', leftBelowSemi],
  ['WM_JOIN_OPTIONS', () => join({ kind: 'outer' })],
  ['WM_TREE', () => joinStreams(semi as any)],
  ['WM_WINDOW', () => window(undefined as any, time)],
];

/** Declares a field with this annotation and this named type. */
function declare(annotation: unknown, type: (() => any) | undefined): void {
  class Made {}
  Reflect.defineMetadata('design:type', annotation, Made.prototype, 'n');
  (type === undefined ? Field() : Field(type))(Made.prototype, 'n');
}

function leftBelowSemi(): void {
  const below = joinStreams(
    Weather,
    joinWith(Location, { left: byTime.right, right: field(Location, 'time'), kind: 'left' }),
  );
  joinStreams(Item, joinWith(below, { ...byTime, kind: 'semi' }));
}
