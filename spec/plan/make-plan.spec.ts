import { field } from '../../lib/expressions/field.js';
import { joinStreams } from '../../lib/joins/join-streams.js';
import { joinWith } from '../../lib/joins/join-with.js';
import { Joined } from '../../lib/joins/joined.js';
import { WindowBounds } from '../../lib/joins/window-bounds.js';
import { window } from '../../lib/joins/windows/expression-window.js';
import { alias } from '../../lib/messages/alias.js';
import { BadMessage } from '../../lib/messages/bad-message.js';
import { EndOfStream } from '../../lib/messages/end-of-stream.js';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { Inject } from '../../lib/mill/process/inject.js';
import { Process } from '../../lib/mill/process/process.js';
import { processFunction } from '../../lib/mill/process/process-function.js';
import { Unmatched } from '../../lib/mill/process/unmatched.js';
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

class SpeedMeter {
  @Process()
  measure(_here: Location, _next: Joined<Location, NextLocation>, _clock: Clock): Speed {
    return new Speed();
  }
}

const kinds = (plan: { process: { parameters: readonly { what: string }[] } }) =>
  plan.process.parameters.map((parameter) => parameter.what);

describe('a plan', () => {
  it('numbers the nodes depth first and resolves each parameter', () => {
    class Nested {
      @Process()
      take(
        _here: Location,
        _next: Joined<Location, NextLocation>,
        _items: Joined<NextLocation, Item>,
        _weather: Joined<Location, Weather>,
        _clock: Clock,
      ): void {}
    }
    const plan = makePlan({ process: Nested, joinTree: nested, broker });
    expect(plan.nodes.map((node) => node.name)).toEqual(['Location', 'NextLocation', 'Item', 'Weather']);
    expect(plan.nodes[0]!.edges.map(({ parent, child, kind }) => [parent, child, kind])).toEqual([
      [0, 1, 'inner'],
      [0, 3, 'left'],
    ]);
    expect(plan.process.parameters).toEqual([
      { what: 'master' },
      { what: 'joined', parent: 0, edge: 0 },
      { what: 'joined', parent: 1, edge: 0 },
      { what: 'joined', parent: 0, edge: 1 },
      { what: 'injected', token: Clock, place: 'parameter 5 of Nested.take' },
    ]);
    expect(plan.nodes.map((node) => node.input.label)).toEqual([
      'locations.json',
      'locations.json',
      'items.json',
      'weather.json',
    ]);
    expect(plan.outputs).toEqual([]);
    expect(Object.isFrozen(plan) && Object.isFrozen(plan.nodes) && Object.isFrozen(plan.nodes[0]!.edges)).toBe(true);
  });

  it('accepts a class, an instance and a function', () => {
    const asClass = makePlan({ process: SpeedMeter, joinTree: selfJoin, broker });
    expect(asClass.process).toMatchObject({
      name: 'SpeedMeter.measure',
      callee: 'measure',
      emits: [Speed],
      onError: 'fail',
    });
    expect(asClass.process.owner).toEqual({ what: 'class', class: SpeedMeter });
    const instance = new SpeedMeter();
    expect(makePlan({ process: instance, joinTree: selfJoin, broker }).process.owner).toEqual({
      what: 'instance',
      instance,
    });
    const fn = () => undefined;
    const plan = makePlan({ process: processFunction(selfJoin, { inject: [Clock], emits: [Speed] }, fn), broker });
    expect(plan.process).toMatchObject({ name: 'the process function fn', callee: fn, owner: { what: 'none' } });
    expect(kinds(plan)).toEqual(['master', 'joined', 'injected']);
  });

  it('finds the method of a base class, also where it is overridden', () => {
    class Faster extends SpeedMeter {
      override measure(): Speed {
        return new Speed();
      }
    }
    expect(makePlan({ process: Faster, joinTree: selfJoin, broker }).process.name).toBe('Faster.measure');
    class Marked extends SpeedMeter {
      @Process() override measure(_here: Location, _next: Joined<Location, NextLocation>): Speed {
        return new Speed();
      }
    }
    expect(kinds(makePlan({ process: Marked, joinTree: selfJoin, broker }))).toEqual(['master', 'joined']);
  });

  it('takes its source from the process, the tree, the stream, or the first parameter', () => {
    class WithTree {
      @Process(selfJoin) a(_here: Location, _next: Joined<Location, NextLocation>): void {}
    }
    expect(makePlan({ process: WithTree, broker }).nodes).toHaveLength(2);
    expect(makePlan({ process: WithTree, joinTree: selfJoin, broker }).nodes).toHaveLength(2);
    class OneStream {
      @Process() a(_item: Item): void {}
    }
    expect(makePlan({ process: OneStream, broker }).nodes[0]!.message).toBe(Item);
    expect(makePlan({ process: OneStream, stream: Item, broker }).nodes[0]!.message).toBe(Item);
    class Windowed {
      @Process() a(_items: Item[], _bounds: WindowBounds): void {}
    }
    const stream = window(Item, field(Item, 'time').floorDiv(30));
    const plan = makePlan({ process: Windowed, stream, broker });
    expect(plan.window).toBe(stream.description);
    expect(kinds(plan)).toEqual(['master', 'bounds']);
  });

  it('needs no metadata if inject is given', () => {
    class NoMetadata {
      a(): void {}
    }
    const descriptor = Object.getOwnPropertyDescriptor(NoMetadata.prototype, 'a')!;
    Process(selfJoin, { inject: [Clock, 'units'], emits: [] })(
      NoMetadata.prototype,
      'a',
      descriptor as TypedPropertyDescriptor<() => void> & any,
    );
    const plan = makePlan({ process: NoMetadata, broker });
    expect(plan.process.parameters.slice(2)).toEqual([
      { what: 'injected', token: Clock, place: 'parameter 3 of NoMetadata.a' },
      { what: 'injected', token: 'units', place: 'parameter 4 of NoMetadata.a' },
    ]);
  });

  it('gives a semi edge no parameter, and a rest parameter all remaining edges', () => {
    class Selected {
      @Process() a(_here: Location, @Inject('db') _db: unknown): void {}
    }
    const plan = makePlan({ process: Selected, joinTree: semi, broker });
    expect(plan.process.parameters[1]).toMatchObject({ what: 'injected', token: 'db' });

    const robots = ['a', 'b', 'c'].map((name) => alias(Location, name));
    const edges = robots.map((robot) =>
      joinWith(robot, { left: (here: Location) => here.time, right: (there: Location) => there.time }),
    );
    class Rest {
      @Process() a(_here: Location, ..._robots: Joined<Location, Location>[]): void {}
    }
    const entries = [Location, ...robots].map((each) => [each, 'locations.json'] as const);
    const many = makePlan({ process: Rest, joinTree: joinStreams(Location, ...edges), broker: brokerOf(entries) });
    expect(kinds(many)).toEqual(['master', 'joined', 'joined', 'joined']);
  });

  it('accepts a master that extends the class of the first parameter', () => {
    class Any {
      @Process() a(_here: Location): void {}
    }
    const Robot = alias(Location, 'Robot');
    expect(makePlan({ process: Any, stream: Robot, broker: brokerOf([[Robot, 'robot.json']]) }).nodes[0]!.name).toBe(
      'Robot',
    );
  });

  it('knows the emitted classes', () => {
    class Nothing {
      @Process() a(_item: Item): void {}
    }
    class Ends {
      @Process() a(_item: Item): EndOfStream {
        return new EndOfStream();
      }
    }
    class Both {
      @Process({ emits: [Speed, Note, Speed] }) *a(_item: Item): Generator<Speed | Note> {}
    }
    expect(makePlan({ process: Nothing, broker }).process.emits).toEqual([]);
    expect(makePlan({ process: Ends, broker }).process.emits).toEqual([]);
    const both = makePlan({ process: Both, broker });
    expect(both.process.emits).toEqual([Speed, Note]);
    expect(both.outputs.map((output) => output.entry.label)).toEqual(['speed.json', 'notes.json']);
  });

  it('writes to the output broker, also classes without an entry if the broker supports it', () => {
    const outputBroker = brokerOf([], { writesAnyClass: true });
    const plan = makePlan({ process: SpeedMeter, joinTree: selfJoin, broker, outputBroker });
    expect(plan.outputs.map(({ message, entry }) => [message, entry.label])).toEqual([[Speed, 'Speed']]);
  });

  it('marks the edge of an unmatched method, and includes classes that only this method emits', () => {
    class Full {
      @Process() a(_item: Item, _weather: Joined<Item, Weather>): void {}
      @Unmatched() lonely(_weather: Weather, _clock: Clock): Note {
        return new Note();
      }
    }
    const tree = joinStreams(Item, joinWith(Weather, { left: field(Item, 'time'), right: field(Weather, 'time') }));
    const plan = makePlan({ process: Full, joinTree: tree, broker });
    expect(plan.nodes[0]!.edges[0]!.unmatched).toBe(true);
    expect(plan.process.emits).toEqual([Note]);
    expect(plan.process.unmatched).toEqual([
      {
        node: 1,
        name: 'Full.lonely',
        callee: 'lonely',
        injected: [{ what: 'injected', token: Clock, place: 'parameter 2 of Full.lonely' }],
      },
    ]);
    const lonely = (_weather: Weather) => undefined;
    const byFunction = makePlan({
      process: processFunction(tree, { unmatched: [[Weather, lonely]] }, () => {}),
      broker,
    });
    expect(byFunction.process.unmatched).toMatchObject([{ node: 1, callee: lonely }]);
  });

  it('adds the streams of late elements and dead letters after the results', () => {
    // biome-ignore lint/suspicious/noThenProperty: the name of the option
    const idle = { afterMs: 5, then: 'end' } as const;
    const LateLocation = alias(Location, 'LateLocation');
    const withLate = brokerOf([
      [Location, 'locations.json'],
      [NextLocation, 'locations.json'],
      [Speed, 'speed.json'],
      [LateLocation, 'late.json'],
      [BadMessage, 'bad.json'],
    ]);
    const process = processFunction(selfJoin, { emits: [Speed], onError: { deadLetter: BadMessage } }, () => undefined);
    const plan = makePlan({
      process,
      broker: withLate,
      inputs: [
        [Location, { order: { slack: 110, late: LateLocation, by: field(Location, 'time') }, idle }],
        [NextLocation, { order: 'skip', onBadMessage: { deadLetter: BadMessage } }],
      ],
    });
    expect(plan.outputs.map((output) => output.entry.label)).toEqual(['speed.json', 'late.json', 'bad.json']);
    expect(plan.nodes[0]).toMatchObject({
      late: 1,
      order: { policy: 'slack', slack: 110 },
      idle,
    });
    expect(plan.nodes[1]).toMatchObject({ late: undefined, order: { policy: 'skip' }, onBadMessage: { output: 2 } });
    expect(plan.process.onError).toEqual({ deadLetter: BadMessage, output: 2 });
  });

  it('fails on every fault by default', () => {
    const { nodes, process } = makePlan({ process: SpeedMeter, joinTree: selfJoin, broker });
    expect(nodes[0]).toMatchObject({
      order: { policy: 'fail' },
      onBadMessage: 'fail',
      late: undefined,
      idle: undefined,
    });
    expect(process.onError).toBe('fail');
  });
});
