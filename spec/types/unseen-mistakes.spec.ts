import 'reflect-metadata';
import {
  Field,
  field,
  Joined,
  joinStreams,
  joinWith,
  MemoryMessageBroker,
  Message,
  Process,
  processFunction,
  WaterMill,
} from 'watermill';
import { refusal } from '../support/refusal.js';
import { nested, tree } from './fixtures/joins.uses.js';
import { NextLocation, RobotLocation } from './fixtures/model.js';

// Mistakes that the compiler cannot see, since a plain subclass is for it the same as its base, and decorators of
// fields do not know the field's type. This file compiles; the library finds them.
const broker = new MemoryMessageBroker([
  [RobotLocation, []],
  [NextLocation, []],
]);

test('master and child of a self-join swapped in the method, between a class and its plain subclass', () => {
  class Swapped {
    @Process(tree)
    process(_here: NextLocation, _next: Joined<NextLocation, RobotLocation>): void {}
  }
  expect(refusal(() => new WaterMill({ process: Swapped, broker }))).toEqual({
    code: 'WM_MASTER_PARAMETER',
    message: expect.stringContaining('Swapped.process'),
  });
});

test('keys of such a self-join swapped', () => {
  const make = () =>
    joinStreams(
      RobotLocation,
      joinWith(NextLocation, { left: field(NextLocation, 'time').plus(10), right: field(RobotLocation, 'time') }),
    );
  expect(refusal(make)).toEqual({
    code: 'WM_KEY_CLASS',
    message: expect.stringContaining('the left key, NextLocation.time + 10, reads NextLocation'),
  });
});

test('a named type that contradicts the annotation', () => {
  const declare = () => {
    @Message()
    class Wrong {
      @Field(() => String) n!: number;
    }
    return Wrong;
  };
  expect(refusal(declare).code).toBe('WM_FIELD_TYPE_CONTRADICTED');
});

test('the tree of another process', () => {
  const process = processFunction(tree, {}, () => {});
  expect(refusal(() => new WaterMill({ process, joinTree: nested, broker })).code).toBe('WM_SOURCE');
});
