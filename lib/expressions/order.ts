import type { OrderVerdict } from './order-verdict.js';
import { print } from './print.js';
import type { ArithmeticSyntax, Formula, Syntax } from './syntax.js';

/** How a value goes while the fields under it never decrease; `jumps` goes up and starts again. */
type Course = 'constant' | 'rises' | 'falls' | 'jumps' | 'unknown';

const keeps: OrderVerdict = Object.freeze({ keeps: true });

/** What can be said about an expression's order without seeing an element. */
export function orderOf(syntax: Syntax): OrderVerdict {
  if (syntax.form === 'function') return keeps;
  const decisive = firstComponent(syntax);
  const course = courseOf(decisive);
  if (course !== 'falls' && course !== 'jumps') return keeps;
  const text = print(decisive);
  const subject = decisive === syntax ? text : `the tuple's first component ${text}`;
  return Object.freeze({ keeps: false, reason: `${subject} ${behaviour[course]}`, fix });
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

function courseOf(formula: Formula): Course {
  switch (formula.form) {
    case 'field':
      return 'rises';
    case 'constant':
      return 'constant';
    case 'tuple':
      return 'unknown';
    case 'arithmetic':
      return courseOfArithmetic(formula);
  }
}

function courseOfArithmetic({ operator, left, right }: ArithmeticSyntax): Course {
  const a = courseOf(left);
  const b = courseOf(right);
  switch (operator) {
    case '+':
      return together(a, b);
    case '-':
      return together(a, turned(b));
    case '%':
      return a === 'constant' && b === 'constant' ? 'constant' : 'jumps';
    default:
      return right.form === 'constant' ? scaled(a, right.value) : a === 'constant' && b === 'constant' ? a : 'unknown';
  }
}

function together(a: Course, b: Course): Course {
  if (a === 'constant') return b;
  return b === 'constant' || a === b ? a : 'unknown';
}

function scaled(course: Course, factor: number | bigint): Course {
  if (factor < 0) return turned(course);
  return factor > 0 ? course : 'constant';
}

function turned(course: Course): Course {
  if (course === 'rises') return 'falls';
  return course === 'falls' ? 'rises' : course;
}
