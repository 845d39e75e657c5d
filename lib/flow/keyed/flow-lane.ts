import type { TableClass } from '../../tables/make-table.js';
import type { StateRows, StepRows } from './step-rows.js';

/** The context that the steps of one lane share. */
export interface FlowLane {
  readonly now: () => number;
  /** The name of the flow in errors. */
  readonly flow: string;
  /** The rows of a step's table in this lane. */
  readonly rowsOf: (table: TableClass<any, any>) => StepRows & StateRows<any>;
}
