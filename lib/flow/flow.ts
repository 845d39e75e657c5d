import type { MessageClass } from '../base/class.js';
import type { Source } from '../joins/source-args.js';
import type { ProcessFunction } from '../mill/process/process-function.js';
import type { OnError, Token } from '../mill/process/process-options.js';
import { type FlowSource, flowProcess } from './flow-process.js';
import type { FlowStep } from './flow-steps.js';
import type { Flow, FlowBatchOptions } from './flow-types.js';
import type { FlowValue } from './flow-value.js';
import { checkBatch, checkCount, checkFunction, checkMessageClass, checkOptions, refused } from './step-checks.js';

export interface FlowOptions<I extends readonly Token[]> {
  /** Tokens of what comes with each value: then it is a tuple of all parameters. `WindowBounds` and tables are among them. */
  readonly inject?: readonly [...I];
  /** What happens if a step throws for an element. Default: `fail`. */
  readonly onError?: OnError;
}

/**
 * Begins a flow: a process that is written as steps, each with the type that the step before gave. The value is the element
 * of a class, the array of a window, or a tuple of the parameters of a tree. All steps of an element are one call: what they
 * give is written whole, or not at all. A flow does nothing by itself; `to` makes a process of it.
 *
 * @throws WaterMillError `WM_FLOW` for a step that cannot be made, with what was expected.
 * @example
 * ```ts
 * const errors = flow(LogLine)
 *   .filter((line) => line.level === 'error')
 *   .map((line) => message(Alarm, { text: line.text }))
 *   .to(Alarm);
 * await new WaterMill({ process: errors, broker }).run();
 * ```
 */
export function flow<S extends Source, const I extends readonly Token[] = []>(
  source: S,
  options: FlowOptions<I> = {},
): Flow<S, FlowValue<S, I>> {
  checkOptions('flow()', options, [], ['inject', 'onError']);
  return new Steps({ source, inject: options.inject, onError: options.onError }, []) as unknown as Flow<
    S,
    FlowValue<S, I>
  >;
}

/** A flow so far. Each step gives a new one, so that two flows may begin alike. */
class Steps {
  constructor(
    private readonly source: FlowSource,
    private readonly steps: readonly FlowStep[],
  ) {}

  map(fn: any): Steps {
    return this.withFunction('map', fn);
  }

  filter(fn: any): Steps {
    return this.withFunction('filter', fn);
  }

  filterMap(fn: any): Steps {
    return this.withFunction('filterMap', fn);
  }

  flatMap(fn: any): Steps {
    return this.withFunction('flatMap', fn);
  }

  inspect(fn: any): Steps {
    checkFunction('inspect()', fn);
    return this.with({ what: 'inspect', fn, isKeyed: false });
  }

  tee(message: MessageClass<any>, fn: any): Steps {
    checkMessageClass('tee()', message);
    checkFunction('tee()', fn);
    return this.with({ what: 'tee', message, fn });
  }

  parallel(calls: number, fn: any): Steps {
    checkCount('parallel()', calls);
    checkFunction('parallel()', fn);
    return this.with({ what: 'parallel', calls, fn });
  }

  batch(options: FlowBatchOptions): Steps {
    checkBatch('batch()', options);
    return this.with({ what: 'batch', size: options.size, timeoutMs: options.timeoutMs });
  }

  to(...classes: readonly MessageClass<any>[]): ProcessFunction<any> {
    if (classes.length === 0) throw refused('to()', 'the classes of the results, at least one', undefined);
    for (const each of classes) checkMessageClass('to()', each);
    return flowProcess(this.source, this.steps, classes);
  }

  private withFunction(what: 'map' | 'filter' | 'filterMap' | 'flatMap', fn: any): Steps {
    checkFunction(`${what}()`, fn);
    return this.with({ what, fn });
  }

  private with(step: FlowStep): Steps {
    return new Steps(this.source, [...this.steps, Object.freeze(step)]);
  }
}
