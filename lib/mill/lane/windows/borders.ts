/** The borders of a window: from (included), to (not included). */
export interface Borders {
  readonly start: any;
  readonly end: any;
}
