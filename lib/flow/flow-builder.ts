import type { MessageClass } from '../base/class.js';
import { WaterMillError } from '../base/watermill-error.js';
import type { ProcessFunction } from '../mill/process/process-function.js';
import { makeTableClass } from '../tables/make-table.js';
import { type FlowSource, flowProcess } from './flow-process.js';
import type { FlowStep } from './flow-steps.js';
import { rowTable } from './keyed/kept-row.js';
import { windowStep } from './keyed/make-window-step.js';
import {
  checkBatch,
  checkCount,
  checkFunction,
  checkMessageClass,
  checkName,
  checkOptions,
  refused,
} from './step-checks.js';

/** A flow under construction. Each step returns a new one, so that two flows can share their first steps. */
export class FlowBuilder {
  /** Identifies an unfinished flow, for the error if it is passed to a mill. */
  readonly what = 'flow without an end';

  constructor(
    private readonly source: FlowSource,
    private readonly steps: readonly FlowStep[],
    /** Values have keys at this point. */
    private readonly isKeyed: boolean,
  ) {}

  map(fn: any): FlowBuilder {
    return this.withFunction('map', fn);
  }

  filter(fn: any): FlowBuilder {
    return this.withFunction('filter', fn);
  }

  filterMap(fn: any): FlowBuilder {
    return this.withFunction('filterMap', fn);
  }

  flatMap(fn: any): FlowBuilder {
    return this.withFunction('flatMap', fn);
  }

  inspect(fn: any): FlowBuilder {
    checkFunction('inspect()', fn);
    return this.with({ what: 'inspect', fn, isKeyed: this.isKeyed });
  }

  tee(message: MessageClass<any>, fn: any): FlowBuilder {
    checkMessageClass('tee()', message);
    checkFunction('tee()', fn);
    return this.with({ what: 'tee', message, fn });
  }

  parallel(calls: number, fn: any): FlowBuilder {
    checkCount('parallel()', calls);
    checkFunction('parallel()', fn);
    return this.with({ what: 'parallel', calls, fn });
  }

  batch(...given: readonly unknown[]): FlowBuilder {
    if (!this.isKeyed) {
      const [options] = given;
      checkBatch('batch()', options);
      return this.with({ what: 'batch', ...sizeOf(options) });
    }
    const [name, options] = given;
    this.checkName('batch()', name);
    checkBatch(`batch(${JSON.stringify(name)})`, options);
    const table = rowTable(name, undefined);
    return this.with({ what: 'keyedBatch', name, table, ...sizeOf(options) }, false);
  }

  keyBy(key: any, options: { readonly local?: boolean } = {}): FlowBuilder {
    checkFunction('keyBy()', key);
    checkOptions('keyBy()', options, [], ['local']);
    const { local = false } = options;
    if (typeof local !== 'boolean') throw refused('keyBy(): local', 'true or false', local);
    return this.with({ what: 'keyBy', fn: key, lanes: local ? 'local' : 'one' }, true);
  }

  through(message: MessageClass<any>, key: any): FlowBuilder {
    checkMessageClass('through()', message);
    checkFunction(`through(${message.name}): the key`, key);
    return this.with({ what: 'through', message, fn: key, passesOn: true }, true);
  }

  statefulMap(name: unknown, state: MessageClass<any>, steps: any): FlowBuilder {
    const place = this.keyed('statefulMap()', name, state);
    checkOptions(place, steps, ['initial', 'next'], []);
    for (const each of ['initial', 'next']) checkFunction(`${place}: ${each}`, steps[each]);
    const table = makeTableClass<any, any>(state, undefined, name as string);
    const { initial, next } = steps;
    return this.with({ what: 'statefulMap', name: name as string, table, state, initial, next }, false);
  }

  reduce(name: unknown, state: MessageClass<any>, steps: any): FlowBuilder {
    const place = this.keyed('reduce()', name, state);
    checkOptions(place, steps, ['add', 'complete'], ['first', 'atEnd']);
    for (const each of ['add', 'complete']) checkFunction(`${place}: ${each}`, steps[each]);
    const { first, add, complete, atEnd = 'keep' } = steps;
    if (first !== undefined) checkFunction(`${place}: first`, first);
    if (!['keep', 'emit', 'drop'].includes(atEnd)) throw refused(`${place}: atEnd`, "'keep', 'emit' or 'drop'", atEnd);
    const table = makeTableClass<any, any>(state, undefined, name as string);
    return this.with({ what: 'reduce', name: name as string, table, state, first, add, complete, atEnd }, false);
  }

  reduceWindow(name: unknown, state: MessageClass<any>, steps: any): FlowBuilder {
    const place = this.keyed('reduceWindow()', name, state);
    return this.with(windowStep(place, name as string, steps, { state, of: 'first' }), false);
  }

  foldWindow(name: unknown, state: MessageClass<any>, steps: any): FlowBuilder {
    const place = this.keyed('foldWindow()', name, state);
    return this.with(windowStep(place, name as string, steps, { state, of: 'initial' }), false);
  }

  collectWindow(name: unknown, steps: any): FlowBuilder {
    const place = this.keyed('collectWindow()', name, undefined);
    return this.with(windowStep(place, name as string, steps, undefined), false);
  }

  to(...classes: readonly MessageClass<any>[]): ProcessFunction<any> {
    if (classes.length === 0) throw refused('to()', 'the classes of the results, at least one', undefined);
    for (const each of classes) checkMessageClass('to()', each);
    const { source, steps } = this;
    return flowProcess({ source, steps, classes });
  }

  private withFunction(what: 'map' | 'filter' | 'filterMap' | 'flatMap', fn: any): FlowBuilder {
    checkFunction(`${what}()`, fn);
    return this.with({ what, fn });
  }

  /** Checks the arguments that all stateful steps share. Returns their place, for errors. */
  private keyed(method: string, name: unknown, state: MessageClass<any> | undefined): string {
    if (!this.isKeyed) {
      const sentence = `${method} keeps something for each key, and the values have none here. Put keyBy() before it.`;
      throw new WaterMillError('WM_FLOW', sentence, { expected: 'keyBy()' });
    }
    this.checkName(method, name);
    const place = `${method.slice(0, -1)}${JSON.stringify(name)})`;
    if (state !== undefined) checkMessageClass(`${place}: what it keeps`, state);
    return place;
  }

  private checkName(method: string, name: unknown): asserts name is string {
    checkName(method, name);
    if (!this.steps.some((step) => 'name' in step && step.name === name)) return;
    throw new WaterMillError(
      'WM_FLOW',
      `${method}: the flow has a step called ${JSON.stringify(name)} already. The state of a step is found again by its name: give each step its own.`,
      { found: name as string },
    );
  }

  private with(step: FlowStep, isKeyed = this.isKeyed): FlowBuilder {
    return new FlowBuilder(this.source, [...this.steps, Object.freeze(step)], isKeyed);
  }
}

function sizeOf(options: unknown): { readonly size: number; readonly timeoutMs: number | undefined } {
  const { size, timeoutMs } = options as { readonly size: number; readonly timeoutMs?: number };
  return { size, timeoutMs };
}
