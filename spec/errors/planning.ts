import {
  field,
  Inject,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Process,
  processFunction,
  table,
  Unmatched,
  WaterMill,
  WindowBounds,
  workerProcess,
} from 'watermill';
import { flow } from 'watermill/flow';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import {
  broker,
  brokerOf,
  Clock,
  Item,
  Location,
  Note,
  nested,
  Speed,
  selfJoin,
  semi,
  Weather,
} from '../plan/model.js';
import type { Production } from './produced-code.js';

/** Registers an object as another version would. */
function ofOtherVersion(): unknown {
  const copies = (globalThis as any)[Symbol.for('watermill.copies.1')];
  const process = processFunction(Item, {}, () => {});
  copies.versions.add('0.0.1');
  copies.makers.set(process, { version: '0.0.1', path: '/elsewhere' });
  try {
    return plan(process);
  } finally {
    copies.versions.delete('0.0.1');
  }
}

class Two {
  @Process() a(_item: Item): void {}
  @Process() b(_item: Item): void {}
}

class Erased {
  @Process() take(_item: Item, _units: string): void {}
}

class NoJoined {
  @Process() take(_here: Location): void {}
}

class Lost {
  // @ts-expect-error the compiler sees it, too
  @Process() take(_item: Item): Promise<void> {
    return Promise.resolve();
  }
}

class Full {
  @Process() take(_here: Location): void {}
  @Unmatched() lonely(_weather: Weather): void {}
}

const plan = (process: unknown, more: object = {}): unknown => makePlan({ process, broker, ...more });
const copy = processFunction(Item, {}, () => {});
const emitting = (...emits: any[]): unknown => processFunction(Item, { emits }, () => undefined);

function twice(): unknown {
  const [left, right] = [field(Item, 'time'), field(Item, 'time')];
  const tree = joinStreams(Item, joinWith(Item, { left, right }));
  return plan(processFunction(tree, {}, () => {}));
}

class Letters extends table(Note, { key: field(Note, 'text') }) {}

/** A key that has changed since the elements were stored. */
async function otherKey(): Promise<unknown> {
  let suffix = '';
  class Items extends table(Item, { key: ({ name }) => name + suffix }) {}
  const process = processFunction(Item, { inject: [Items] }, (item, items) => items.put(item));
  const memory = new MemoryMessageBroker([[Item, [Object.assign(new Item(), { time: 1, name: 'a' })]]]);
  await new WaterMill({ process, broker: memory }).run();
  suffix = '!';
  return new WaterMill({ process, broker: memory }).run();
}

/** A table that a call has passed on. */
async function outsideCall(): Promise<unknown> {
  let given: Letters | undefined;
  const process = processFunction(Item, { inject: [Letters] }, (_item, letters) => {
    given = letters;
  });
  const memory = new MemoryMessageBroker([[Item, [Object.assign(new Item(), { time: 1, name: 'a' })]]]);
  await new WaterMill({ process, broker: memory }).run();
  return given?.put({ text: 'late' });
}

/** A store on disk at a path that cannot be a folder. */
function storeInAFile(): Promise<unknown> {
  class OnDisk extends table(Note, { key: field(Note, 'text'), store: 'disk' }) {}
  const process = processFunction(Item, { inject: [OnDisk] }, () => {});
  const memory = new MemoryMessageBroker([[Item, []]]);
  return new WaterMill({ process, broker: memory, storeFolder: `${__filename}/stores` }).run();
}

/** Errors of tables. */
export const tables: readonly Production[] = [
  ['WM_TABLE', () => table(Note, {} as never)],
  ['WM_TABLE_KEY', () => new Letters().get(5 as never)],
  ['WM_TABLE_ELEMENT', () => new Letters().put(5 as never)],
  ['WM_TABLE_RANGE', () => new Letters().range({ limit: -1 })],
  ['WM_TABLE_CALL', outsideCall],
  ['WM_TABLE_DAMAGED', otherKey],
  ['WM_TABLE_STORE', storeInAFile],
];

/** Errors of making a mill. */
export const planning: readonly Production[] = [
  ['WM_OTHER_VERSION', ofOtherVersion],
  ['WM_MILL_OPTIONS', () => plan(copy, { jointree: selfJoin })],
  ['WM_PROCESS_MISSING', () => plan(Clock)],
  ['WM_PROCESS_SEVERAL', () => plan(Two)],
  ['WM_PROCESS_DECORATOR', () => Inject('units')(Clock, undefined, 0)],
  ['WM_FLOW', () => flow(Item).batch({ size: 0 })],
  ['WM_WORKER', () => workerProcess(Item, { module: '' })],
  ['WM_PROCESS_FUNCTION', () => processFunction(Item, {}, undefined as any)],
  ['WM_METADATA', () => plan(Erased)],
  ['WM_SOURCE', () => plan(copy, { joinTree: selfJoin })],
  ['WM_NODE_TWICE', twice],
  ['WM_STREAM_MISSING', () => plan(copy, { broker: brokerOf([]) })],
  ['WM_STREAM_AMBIGUOUS', () => plan(copy, { broker: [brokerOf([[Item, 'one']]), brokerOf([[Item, 'two']])] })],
  ['WM_STREAM_SHARED', () => plan(emitting(Item))],
  ['WM_MASTER_PARAMETER', () => plan(NoJoined, { stream: Item })],
  ['WM_JOINED_COUNT', () => plan(NoJoined, { joinTree: nested })],
  ['WM_PARAMETER', () => plan(processFunction(Item, { inject: [WindowBounds] }, () => {}))],
  ['WM_EMITS', () => plan(Lost)],
  ['WM_UNMATCHED', () => plan(Full, { joinTree: semi })],
  ['WM_INPUTS', () => plan(copy, { inputs: [[Note, {}]] })],
  ['WM_DEAD_LETTER', () => plan(copy, { inputs: [[Item, { onBadMessage: { deadLetter: Speed } }]] })],
];
