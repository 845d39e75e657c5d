import type { Row } from '../row.js';

/** A window that is called. One object serves all windows of a lane; the arrays are the call's own. */
export interface CalledWindow {
  elements: object[];
  /** The rows of the elements, where a call needs their groups. */
  rows: Row[];
  /** The lowest and the highest position of the elements. */
  from: number;
  to: number;
  /** The borders that the user sees. */
  start: any;
  end: any;
  /** Tells this window from those before and after it: by its first or last element, or by its start. */
  idKey: any;
  idPosition: number;
  /** The row of the first element, where the lane has rows. */
  row: Row | undefined;
}

export function makeCalledWindow(): CalledWindow {
  return {
    elements: [],
    rows: [],
    from: -1,
    to: -1,
    start: undefined,
    end: undefined,
    idKey: undefined,
    idPosition: -1,
    row: undefined,
  };
}
