/** From where (included) to where (not included) a window lies. */
export interface Borders {
  readonly start: any;
  readonly end: any;
}
