/**
 * Whether an expression never decreases while its fields never decrease. `keeps` also means "not known": then it
 * is found while running, element by element.
 */
export type OrderVerdict =
  | { readonly keeps: true }
  | {
      readonly keeps: false;
      /** Why not, as a sentence without its full stop. */
      readonly reason: string;
      /** What to write instead, as a sentence without its full stop. */
      readonly fix: string;
    };
