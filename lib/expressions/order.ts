import type { Monotonicity } from './monotonicity.js';
import { operatorRow } from './operators.js';
import type { OrderVerdict } from './order-verdict.js';
import { print } from './print.js';
import { constantOf, type Formula, type Syntax } from './syntax.js';

const keeps: OrderVerdict = Object.freeze({ keeps: true });

/** The order of an expression, as far as it is known without elements. */
export function orderOf(syntax: Syntax): OrderVerdict {
  if (syntax.form === 'function') return keeps;
  const decisive = firstComponent(syntax);
  const order = monotonicityOf(decisive);
  if (order !== 'falls' && order !== 'jumps') return keeps;
  const text = print(decisive);
  const subject = decisive === syntax ? text : `the tuple's first component ${text}`;
  return Object.freeze({ keeps: false, reason: `${subject} ${behaviour[order]}`, fix });
}

const behaviour = {
  falls: 'decreases while its field increases',
  jumps: 'starts again from a low value whenever it has reached its divisor',
};

const fix =
  'use an expression that never decreases; or, if you know that this one does not on your data, write it as a function ' +
  '(`(element) => …`): that is checked while running; or compare it by `on`, whose keys need no order';

function firstComponent(formula: Formula): Formula {
  return formula.form === 'tuple' ? firstComponent(formula.parts[0] as Formula) : formula;
}

function monotonicityOf(formula: Formula): Monotonicity {
  switch (formula.form) {
    case 'field':
      return 'rises';
    case 'constant':
      return 'constant';
    case 'tuple':
      return 'unknown';
    case 'arithmetic': {
      const { operator, left, right } = formula;
      return operatorRow(operator).monotonicity(monotonicityOf(left), monotonicityOf(right), constantOf(right));
    }
  }
}
