import type { Source } from '../joins/source-args.js';
import type { OnError, Token } from '../mill/process/process-options.js';
import { FlowBuilder } from './flow-builder.js';
import type { Flow } from './flow-types.js';
import type { FlowValue } from './flow-value.js';
import { checkOptions, refused } from './step-checks.js';

/** The parameters and the error policy of a flow. */
export interface FlowOptions<I extends readonly Token[]> {
  /**
   * Tokens of further parameters: then the value is a tuple of all parameters. `WindowBounds` and tables are among
   * them.
   */
  readonly inject?: readonly [...I];
  /** What to do if a step throws for an element. Default: `fail`. */
  readonly onError?: OnError;
}

/**
 * Starts a flow: a process that is written as steps, each typed by the result of the previous one. The value is the
 * element of a class, the array of a window, or a tuple of the parameters of a tree. All steps of an element are one
 * call: their results are written together, or not at all. A flow does nothing on its own; `to` makes a process of it.
 *
 * @throws WaterMillError `WM_FLOW` for an invalid step, with what was expected.
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
  const { inject } = options;
  if (inject !== undefined && !Array.isArray(inject)) throw refused('flow(): inject', 'an array of tokens', inject);
  return new FlowBuilder({ source, inject, onError: options.onError }, [], false) as any;
}
