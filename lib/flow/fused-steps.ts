import { compile } from '../base/compile.js';
import type { Push } from './flow-call.js';
import type { SimpleStep } from './simple-steps.js';

/**
 * Compiles consecutive steps into one function for their usual results: it calls its own functions, which the engine
 * can inline, without a call from step to step. Any other result continues step by step. Undefined if there are no
 * steps, or if generated code is forbidden.
 */
export function fused(steps: readonly SimpleStep[]): Push | undefined {
  const last = steps.at(-1);
  if (last === undefined) return undefined;
  const scope: Record<string, unknown> = { next: last.next };
  for (const [i, { fn, otherwise }] of steps.entries()) {
    scope[`fn${i}`] = fn;
    scope[`otherwise${i}`] = otherwise;
  }
  // The first of several values has the index 0; the key before all steps is named 'key'.
  let value = 'value';
  let key = 'key';
  const lines = steps.flatMap(({ what }, i) => {
    const given = `given${i}`;
    const call = `const ${given} = fn${i}(${what === 'keyBy' ? value : `${value}, ${key}`});`;
    const otherwise = `return otherwise${i}(${given}, ${value}, ${key}, call);`;
    switch (what) {
      case 'filter':
        return [call, `if (${given} !== true) { if (${given} === false) return undefined; ${otherwise} }`];
      case 'keyBy':
        key = given;
        return [call, `if (typeof ${given} !== 'string' && !Number.isFinite(${given})) ${otherwise}`];
      default:
        value = given;
        return [
          call,
          `if (typeof ${given} === 'object' && ${given} !== null && typeof ${given}.then === 'function') ${otherwise}`,
          ...(what === 'filterMap' ? [`if (${given} === undefined || ${given} === null) return undefined;`] : []),
        ];
    }
  });
  const text = ['return (value, key, call) => {', ...lines, `return next(${value}, ${key}, call);`, '};'];
  return compile<Push>(scope, text.join('\n'));
}
