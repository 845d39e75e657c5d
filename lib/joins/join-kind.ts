/**
 * What an edge asks of a parent element: a match (inner, semi), none (anti), nothing (left). Inner and left edges give
 * the process function a group, semi and anti edges only select.
 */
export type JoinKind = 'inner' | 'left' | 'semi' | 'anti';

const kinds: Record<JoinKind, { readonly mustMatch: boolean; readonly givesGroups: boolean }> = {
  inner: { mustMatch: true, givesGroups: true },
  left: { mustMatch: false, givesGroups: true },
  semi: { mustMatch: true, givesGroups: false },
  anti: { mustMatch: false, givesGroups: false },
};

export function givesGroups(kind: JoinKind): boolean {
  return kinds[kind].givesGroups;
}

/** Whether a parent element without a match fails. */
export function mustMatch(kind: JoinKind): boolean {
  return kinds[kind].mustMatch;
}
