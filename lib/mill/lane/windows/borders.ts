/** The borders of a window: `start` is included, `end` is not. */
export interface Borders {
  readonly start: any;
  readonly end: any;
}
