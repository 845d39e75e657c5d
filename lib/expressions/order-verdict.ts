/**
 * Whether an expression never decreases while its fields never decrease. `keeps` also means "unknown": then it is
 * checked at run time, element by element.
 */
export type OrderVerdict =
  | { readonly keeps: true }
  | {
      readonly keeps: false;
      /** The reason, as a sentence without its full stop. */
      readonly reason: string;
      /** What to write instead, as a sentence without its full stop. */
      readonly fix: string;
    };
