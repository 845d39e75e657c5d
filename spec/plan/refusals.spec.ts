import { field } from '../../lib/expressions/field.js';
import { joinStreams } from '../../lib/joins/join-streams.js';
import { joinWith } from '../../lib/joins/join-with.js';
import { Joined } from '../../lib/joins/joined.js';
import { WindowBounds } from '../../lib/joins/window-bounds.js';
import { countWindow } from '../../lib/joins/windows/count-window.js';
import { window } from '../../lib/joins/windows/expression-window.js';
import { alias } from '../../lib/messages/alias.js';
import { EndOfStream } from '../../lib/messages/end-of-stream.js';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { Inject } from '../../lib/mill/process/inject.js';
import { Process } from '../../lib/mill/process/process.js';
import { processFunction } from '../../lib/mill/process/process-function.js';
import { Unmatched } from '../../lib/mill/process/unmatched.js';
import { refusal } from '../support/refusal.js';
import {
  broker,
  brokerOf,
  Clock,
  Item,
  Location,
  NextLocation,
  Note,
  nested,
  Speed,
  selfJoin,
  semi,
  Weather,
} from './model.js';

class Meter {
  @Process() measure(_here: Location, _next: Joined<Location, NextLocation>): void {}
}
class TwoMethods {
  @Process() a(_here: Location): void {}
  @Process() b(_here: Location): void {}
}
class WithTree {
  @Process(selfJoin) measure(_here: Location, _next: Joined<Location, NextLocation>): void {}
}
class OneItem {
  @Process() take(_item: Item): void {}
}
class Unmarked {
  a(): void {}
}
const byTime = { left: field(Item, 'time'), right: field(Weather, 'time') };
const weatherTree = joinStreams(Item, joinWith(Weather, byTime));
const nothing = processFunction(selfJoin, {}, () => {});
const windowed = window(Location, field(Location, 'time').floorDiv(30));

/** A class with a method decorated by a build without metadata, with these options. */
function withoutMetadata(...options: any[]): object {
  class Bare {
    take(): void {}
  }
  const descriptor = Object.getOwnPropertyDescriptor(Bare.prototype, 'take');
  (Process as any)(...options)(Bare.prototype, 'take', descriptor);
  return Bare;
}

/** The same with metadata as emitted by builds. */
function withMetadata(parameters: unknown[], returns: unknown, method: Function = () => {}): object {
  class Built {}
  Object.defineProperty(Built.prototype, 'take', { value: method });
  Reflect.defineMetadata('design:paramtypes', parameters, Built.prototype, 'take');
  Reflect.defineMetadata('design:returntype', returns, Built.prototype, 'take');
  Process()(Built.prototype, 'take', Object.getOwnPropertyDescriptor(Built.prototype, 'take'));
  return Built;
}

const withInputs = (...inputs: any[]): any => ({ process: nothing, broker, inputs });
const withUnmatched = (joinTree: any, message: any): any => ({
  process: processFunction(joinTree, { unmatched: [[message, () => {}]] }, () => {}),
  broker,
});

const loop: any = { what: 'tree', master: Location, window: undefined, edges: [] };
const [outer] = selfJoin.edges;
const inner = { ...outer, child: loop, left: outer!.right, right: outer!.left };
loop.edges.push({ ...outer, child: { what: 'tree', master: NextLocation, window: undefined, edges: [inner] } });

const cases: [name: string, code: string, options: () => any][] = [
  // options
  ['a tree in place of the options', 'WM_MILL_OPTIONS', () => selfJoin],
  ['no options', 'WM_MILL_OPTIONS', () => undefined],
  ['an unknown option', 'WM_MILL_OPTIONS', () => ({ process: Meter, jointree: selfJoin, broker })],
  ['an unknown option that is near to none', 'WM_MILL_OPTIONS', () => ({ process: Meter, zzzzzzzzz: 1, broker })],
  ['no process', 'WM_MILL_OPTIONS', () => ({ process: undefined, joinTree: selfJoin, broker })],
  ['the process of Node', 'WM_MILL_OPTIONS', () => ({ process, joinTree: selfJoin, broker })],
  ['no broker', 'WM_MILL_OPTIONS', () => ({ process: Meter, joinTree: selfJoin })],
  ['a broker class', 'WM_MILL_OPTIONS', () => ({ process: Meter, joinTree: selfJoin, broker: class Broker {} })],
  [
    'a container that resolves nothing',
    'WM_MILL_OPTIONS',
    () => ({ process: Meter, joinTree: selfJoin, broker, container: {} }),
  ],
  [
    'an unknown option of a process',
    'WM_MILL_OPTIONS',
    () => ({ process: processFunction(Item, { emit: [] } as any, () => {}), broker }),
  ],
  ['options of a process that are none', 'WM_PROCESS_FUNCTION', () => ({ process: withoutMetadata(Item, 5), broker })],
  // the process
  ['a function that is not wrapped', 'WM_PROCESS_MISSING', () => ({ process: () => {}, joinTree: selfJoin, broker })],
  ['a class without a process method', 'WM_PROCESS_MISSING', () => ({ process: Unmarked, joinTree: selfJoin, broker })],
  [
    'an instance without a process method',
    'WM_PROCESS_MISSING',
    () => ({ process: new Unmarked(), joinTree: selfJoin, broker }),
  ],
  ['a tree as the process', 'WM_PROCESS_MISSING', () => ({ process: selfJoin, broker })],
  ['two process methods', 'WM_PROCESS_SEVERAL', () => ({ process: TwoMethods, joinTree: selfJoin, broker })],
  // the source
  [
    'another tree than the process was written for',
    'WM_SOURCE',
    () => ({ process: WithTree, joinTree: nested, broker }),
  ],
  ['a tree and a stream', 'WM_SOURCE', () => ({ process: Meter, joinTree: selfJoin, stream: Item, broker })],
  ['a class as the tree', 'WM_SOURCE', () => ({ process: OneItem, joinTree: Item, broker })],
  ['a stream that is not a message class', 'WM_SOURCE', () => ({ process: OneItem, stream: Clock, broker })],
  ['nothing to read, and no metadata', 'WM_SOURCE', () => ({ process: withoutMetadata({ inject: [] }), broker })],
  ['nothing to read but an array', 'WM_SOURCE', () => ({ process: withMetadata([Array], undefined), broker })],
  [
    'nothing to read but a class that is no message',
    'WM_SOURCE',
    () => ({ process: withMetadata([Clock], undefined), broker }),
  ],
  [
    'a function without a source',
    'WM_SOURCE',
    () => ({ process: processFunction(undefined as any, {}, () => {}), broker }),
  ],
  // the tree
  [
    'a self-join without an alias',
    'WM_NODE_TWICE',
    () => ({ process: nothing, joinTree: undefined, ...sameClassTwice() }),
  ],
  ['two classes of one name', 'WM_NODE_TWICE', () => sameNameTwice()],
  ['a tree that contains itself', 'WM_NODE_TWICE', () => ({ process: processFunction(loop, {}, () => {}), broker })],
  [
    'an edge that is none',
    'WM_TREE',
    () => ({ process: processFunction({ ...selfJoin, edges: [{}] } as any, {}, () => {}), broker }),
  ],
  ['a hand-made edge whose keys are swapped', 'WM_KEY_CLASS', () => swappedKeys()],
  // parameters
  ['no metadata of the parameters', 'WM_METADATA', () => ({ process: withoutMetadata(selfJoin), broker })],
  [
    'no metadata of the return type',
    'WM_METADATA',
    () => ({ process: withoutMetadata(selfJoin, { inject: [] }), broker }),
  ],
  ['no first parameter', 'WM_METADATA', () => ({ process: withMetadata([], undefined), joinTree: selfJoin, broker })],
  [
    'an erased first parameter',
    'WM_METADATA',
    () => ({ process: withMetadata([Function, Joined], undefined), joinTree: selfJoin, broker }),
  ],
  [
    'an erased later parameter',
    'WM_METADATA',
    () => ({ process: withMetadata([Item, Object], undefined, (_a: any, _b: any) => {}), broker }),
  ],
  [
    'a parameter of a built-in type',
    'WM_METADATA',
    () => ({ process: withMetadata([Item, String], undefined, (_a: any, _b: any) => {}), broker }),
  ],
  [
    'a class not yet made',
    'WM_METADATA',
    () => ({ process: withMetadata([Item, undefined], undefined, (_a: any, _b: any) => {}), broker }),
  ],
  [
    'another master',
    'WM_MASTER_PARAMETER',
    () => ({ process: withMetadata([Item, Joined], undefined), joinTree: selfJoin, broker }),
  ],
  [
    'the child as the master',
    'WM_MASTER_PARAMETER',
    () => ({ process: withMetadata([NextLocation, Joined], undefined), joinTree: selfJoin, broker }),
  ],
  [
    'a subclass of the master',
    'WM_MASTER_PARAMETER',
    () => ({ process: withMetadata([alias(Location, 'Robot')], undefined), stream: Location, broker }),
  ],
  [
    'an element in place of a window',
    'WM_MASTER_PARAMETER',
    () => ({ process: withMetadata([Location], undefined), stream: windowed, broker }),
  ],
  [
    'an array without a window',
    'WM_MASTER_PARAMETER',
    () => ({ process: withMetadata([Array], undefined), stream: Location, broker }),
  ],
  [
    'a master that does not fit, with inject',
    'WM_MASTER_PARAMETER',
    () => ({ process: injecting([Item, Joined]), broker }),
  ],
  ['an edge left out', 'WM_JOINED_COUNT', () => ({ process: Meter, joinTree: nested, broker })],
  [
    'a Joined too many',
    'WM_JOINED_COUNT',
    () => ({
      process: withMetadata([Location, Joined, Joined], undefined, (_a: any, _b: any, _c: any) => {}),
      joinTree: selfJoin,
      broker,
    }),
  ],
  [
    'a Joined for a semi edge',
    'WM_JOINED_COUNT',
    () => ({ process: withMetadata([Location, Joined], undefined, (_a: any, _b: any) => {}), joinTree: semi, broker }),
  ],
  [
    'a Joined without a join',
    'WM_JOINED_COUNT',
    () => ({ process: withMetadata([Location, Joined], undefined, (_a: any, _b: any) => {}), broker }),
  ],
  [
    'a Joined too many, with inject',
    'WM_JOINED_COUNT',
    () => ({ process: injecting([Location, Joined, Joined]), broker }),
  ],
  [
    'a child element in place of its Joined',
    'WM_PARAMETER',
    () => ({
      process: withMetadata([Location, Joined, NextLocation], undefined, (_a: any, _b: any, _c: any) => {}),
      joinTree: selfJoin,
      broker,
    }),
  ],
  [
    'a message class that is no node',
    'WM_PARAMETER',
    () => ({ process: withMetadata([Location, Weather], undefined, (_a: any, _b: any) => {}), broker }),
  ],
  [
    'bounds without a window',
    'WM_PARAMETER',
    () => ({ process: processFunction(Item, { inject: [WindowBounds] }, () => {}), broker }),
  ],
  [
    'bounds of a count window',
    'WM_PARAMETER',
    () => ({ process: processFunction(countWindow(Item, { size: 3 }), { inject: [WindowBounds] }, () => {}), broker }),
  ],
  [
    'an undefined token',
    'WM_PARAMETER',
    () => ({ process: processFunction(Item, { inject: [undefined as any] }, () => {}), broker }),
  ],
  [
    'Joined as a token',
    'WM_PARAMETER',
    () => ({ process: processFunction(selfJoin, { inject: [Joined] }, () => {}), broker }),
  ],
  [
    'more parameters than are given',
    'WM_PARAMETER',
    () => ({ process: processFunction(selfJoin, {}, ((_a: any, _b: any, _c: any) => {}) as any), broker }),
  ],
  [
    'a parameter for the groups of a semi join',
    'WM_PARAMETER',
    () => ({ process: processFunction(semi, {}, ((_a: any, _b: any) => {}) as any), broker }),
  ],
  [
    'inject that is no array',
    'WM_PROCESS_FUNCTION',
    () => ({ process: processFunction(selfJoin, { inject: Clock as any }, () => {}), broker }),
  ],
  // results
  ['a return type that says nothing', 'WM_EMITS', () => ({ process: withMetadata([Item], Promise), broker })],
  [
    'emits that is no array',
    'WM_EMITS',
    () => ({ process: processFunction(Item, { emits: Speed as any }, () => undefined), broker }),
  ],
  [
    'emits of what is not a message class',
    'WM_EMITS',
    () => ({ process: processFunction(Item, { emits: [Clock] }, () => undefined), broker }),
  ],
  [
    'emits of EndOfStream',
    'WM_EMITS',
    () => ({ process: processFunction(Item, { emits: [EndOfStream] }, () => undefined), broker }),
  ],
  [
    'a wrong onError',
    'WM_PROCESS_FUNCTION',
    () => ({ process: processFunction(Item, { onError: 'ignore' as any }, () => undefined), broker }),
  ],
  // streams
  [
    'an input without an entry',
    'WM_STREAM_MISSING',
    () => ({ process: nothing, broker: brokerOf([[Location, 'a.json']]) }),
  ],
  [
    'a master without an entry',
    'WM_STREAM_MISSING',
    () => ({ process: nothing, broker: brokerOf([[NextLocation, 'a.json']]) }),
  ],
  [
    'an output without an entry',
    'WM_STREAM_MISSING',
    () => ({
      process: processFunction(Item, { emits: [Speed] }, () => undefined),
      broker: brokerOf([[Item, 'i.json']]),
    }),
  ],
  [
    'an output that is an input',
    'WM_STREAM_SHARED',
    () => ({ process: processFunction(Item, { emits: [Item] }, () => undefined), broker }),
  ],
  [
    'an output of another broker that is an input',
    'WM_STREAM_SHARED',
    () => ({
      process: processFunction(Item, { emits: [Speed] }, () => undefined),
      broker,
      outputBroker: brokerOf([[Speed, 'items.json']]),
    }),
  ],
  [
    'two outputs in one stream',
    'WM_STREAM_SHARED',
    () => ({
      process: processFunction(Item, { emits: [Speed, Note] }, () => undefined),
      broker: brokerOf([
        [Item, 'i'],
        [Speed, 'o'],
        [Note, 'o'],
      ]),
    }),
  ],
  // unmatched
  ['unmatched of the master', 'WM_UNMATCHED', () => withUnmatched(weatherTree, Item)],
  ['unmatched of no node', 'WM_UNMATCHED', () => withUnmatched(weatherTree, Note)],
  ['unmatched of a deeper child', 'WM_UNMATCHED', () => withUnmatched(nested, Item)],
  ['unmatched of a semi edge', 'WM_UNMATCHED', () => withUnmatched(semi, Weather)],
  [
    'unmatched of an as-of edge',
    'WM_UNMATCHED',
    () => withUnmatched(joinStreams(Item, joinWith(Weather, { ...byTime, asOf: 'backward' })), Weather),
  ],
  [
    'two unmatched functions for one child',
    'WM_UNMATCHED',
    () => ({
      process: processFunction(
        weatherTree,
        {
          unmatched: [
            [Weather, () => {}],
            [Weather, () => {}],
          ],
        },
        () => {},
      ),
      broker,
    }),
  ],
  [
    'an unmatched entry without a function',
    'WM_PROCESS_FUNCTION',
    () => ({ process: processFunction(weatherTree, { unmatched: [[Weather]] as any }, () => {}), broker }),
  ],
  [
    'unmatched functions that are no list',
    'WM_PROCESS_FUNCTION',
    () => ({ process: processFunction(weatherTree, { unmatched: { weather: () => {} } as any }, () => {}), broker }),
  ],
  [
    'an unmatched method without metadata',
    'WM_METADATA',
    () => ({ process: bareUnmatched(), joinTree: weatherTree, broker }),
  ],
  [
    'an unmatched method with an erased parameter',
    'WM_METADATA',
    () => ({ process: erasedUnmatched(), joinTree: weatherTree, broker }),
  ],
  [
    'an unmatched method without a parameter',
    'WM_UNMATCHED',
    () => ({ process: emptyUnmatched(), joinTree: weatherTree, broker }),
  ],
  // inputs
  ['inputs that are no array', 'WM_INPUTS', () => ({ process: nothing, broker, inputs: {} })],
  [
    'inputs that are one entry, not a list of them',
    'WM_INPUTS',
    () => withInputs(Location as any, { order: 'skip' } as any),
  ],
  ['inputs of a class that is not read', 'WM_INPUTS', () => withInputs([Weather, {}])],
  ['two entries for one input', 'WM_INPUTS', () => withInputs([Location, { order: 'skip' }], [Location, {}])],
  ['an entry without options', 'WM_INPUTS', () => withInputs([Location])],
  ['an unknown option of an input', 'WM_MILL_OPTIONS', () => withInputs([Location, { onBadMesage: 'skip' }])],
  ['an unknown order', 'WM_INPUTS', () => withInputs([Location, { order: 'sloppy' }])],
  ['null for an order', 'WM_INPUTS', () => withInputs([Location, { order: null }])],
  ['null for bad messages', 'WM_INPUTS', () => withInputs([Location, { onBadMessage: null }])],
  ['slack and skip', 'WM_INPUTS', () => withInputs([Location, { order: { skip: true, slack: 3 } }])],
  ['a negative slack', 'WM_INPUTS', () => withInputs([Location, { order: { slack: -1 } }])],
  ['slack of another type than the key', 'WM_INPUTS', () => withInputs([Location, { order: { slack: 1n } }])],
  [
    'slack over strings',
    'WM_INPUTS',
    () => ({
      process: processFunction(Item, {}, () => {}),
      broker,
      inputs: [[Item, { order: { slack: 1, by: field(Item, 'name') } }]],
    }),
  ],
  [
    'slack on a node without an ordered key',
    'WM_INPUTS',
    () => ({ process: processFunction(Item, {}, () => {}), broker, inputs: [[Item, { order: { slack: 1 } }]] }),
  ],
  [
    'slack on a node with two keys',
    'WM_INPUTS',
    () => ({
      process: processFunction(twoKeys(), {}, () => {}),
      broker,
      inputs: [[Location, { order: { slack: 1 } }]],
    }),
  ],
  ['a wrong onBadMessage', 'WM_INPUTS', () => withInputs([Location, { onBadMessage: 'ignore' }])],
  ['idle without a time', 'WM_INPUTS', () => withInputs([Location, { idle: idle(0, 'end') }])],
  ['an unknown idle policy', 'WM_INPUTS', () => withInputs([Location, { idle: idle(5, 'stop') }])],
  ['idle that is no object', 'WM_INPUTS', () => withInputs([Location, { idle: 5 }])],
  [
    'a late class with other fields',
    'WM_DEAD_LETTER',
    () => withInputs([Location, { order: { skip: true, late: Weather } }]),
  ],
  [
    'a dead letter class with other fields',
    'WM_DEAD_LETTER',
    () => withInputs([Location, { onBadMessage: { deadLetter: Speed } }]),
  ],
  [
    'a dead letter class that is none',
    'WM_DEAD_LETTER',
    () => withInputs([Location, { onBadMessage: { deadLetter: Clock } }]),
  ],
];

describe('making a plan refuses', () => {
  it.each(cases)('%s', (_, code, options) => {
    const refused = refusal(() => makePlan(options(), ['logger']));
    expect(refused.code).toBe(code);
    expect(refused.message).toMatchSnapshot();
  });

  it('a process without reflect-metadata', () => {
    const { getMetadata } = Reflect;
    try {
      (Reflect as any).getMetadata = undefined;
      const refused = refusal(() => makePlan({ process: Meter, joinTree: selfJoin, broker }));
      expect(refused.code).toBe('WM_METADATA');
      expect(refused.message).toMatch(
        "reflect-metadata is not loaded: write import 'reflect-metadata' as the first line",
      );
    } finally {
      Reflect.getMetadata = getMetadata;
    }
  });
});

function idle(afterMs: number, policy: string): object {
  return Object.fromEntries([
    ['afterMs', afterMs],
    ['then', policy],
  ]);
}

function sameClassTwice(): object {
  const tree = { ...weatherTree, edges: [{ ...weatherTree.edges[0], child: Item, right: field(Item, 'time') }] };
  return { process: processFunction(tree as any, {}, () => {}), broker };
}

function sameNameTwice(): object {
  const Other = alias(Weather, 'Item');
  const tree = joinStreams(Item, joinWith(Other, { left: (a) => a.time, right: (b) => b.time }));
  return { process: processFunction(tree, {}, () => {}), broker };
}

function swappedKeys(): object {
  const [edge] = selfJoin.edges;
  const tree = { ...selfJoin, edges: [{ ...edge, left: edge!.right, right: edge!.left }] };
  return { process: processFunction(tree as any, {}, () => {}), broker };
}

function twoKeys() {
  const first = joinWith(Item, { left: field(Location, 'time'), right: field(Item, 'time') });
  return joinStreams(Location, first, joinWith(Weather, { left: field(Location, 'x'), right: field(Weather, 'time') }));
}

/** A method with metadata and `inject`. */
function injecting(types: unknown[]): object {
  class Built {
    take(_a: unknown, _b: unknown, _c: unknown): void {}
  }
  Reflect.defineMetadata('design:paramtypes', types, Built.prototype, 'take');
  const descriptor = Object.getOwnPropertyDescriptor(Built.prototype, 'take');
  (Process as any)(selfJoin, { inject: [Clock], emits: [] })(Built.prototype, 'take', descriptor);
  return Built;
}

function bareUnmatched(): object {
  class Bare {
    @Process() take(_item: Item, _weather: Joined<Item, Weather>): void {}
    lonely(): void {}
  }
  Unmatched()(Bare.prototype, 'lonely', Object.getOwnPropertyDescriptor(Bare.prototype, 'lonely')!);
  return Bare;
}

function emptyUnmatched(): object {
  class Empty {
    @Process() take(_item: Item, _weather: Joined<Item, Weather>): void {}
    @Unmatched() lonely(): void {}
  }
  return Empty;
}

function erasedUnmatched(): object {
  class Erased {
    @Process() take(_item: Item, _weather: Joined<Item, Weather>, @Inject('units') _units: string): void {}
    @Unmatched() lonely(_weather: Weather, _units: string): void {}
  }
  return Erased;
}
