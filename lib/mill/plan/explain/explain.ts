import { WaterMillError } from '../../../base/watermill-error.js';
import { describeValue } from '../in-words.js';
import { checkCallOptions } from '../option-checks.js';
import type { Plan } from '../plan.js';
import { explainMermaid } from './explain-mermaid.js';
import { explainSvg } from './explain-svg.js';
import { explainText } from './explain-text.js';

/** The options of `explain`. */
export interface ExplainOptions {
  /** Plain text (the default), a Mermaid flowchart for a page that renders it, or a picture in SVG. */
  readonly format?: 'text' | 'mermaid' | 'svg';
}

/**
 * A plan for people: what is read, matched, held and written, and when. Throws `WM_MILL_OPTIONS` for another format.
 */
export function explain(plan: Plan, options: ExplainOptions = {}): string {
  checkCallOptions('explain()', options, ['format']);
  const { format = 'text' } = options;
  switch (format) {
    case 'text':
      return explainText(plan);
    case 'mermaid':
      return explainMermaid(plan);
    case 'svg':
      return explainSvg(plan);
    default:
      throw new WaterMillError(
        'WM_MILL_OPTIONS',
        `explain(): the format is 'text', 'mermaid' or 'svg', not ${describeValue(format)}.`,
        { expected: "'text', 'mermaid' or 'svg'", found: String(format) },
      );
  }
}
