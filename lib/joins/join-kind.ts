/**
 * What an edge asks of a parent element: a match (inner, semi), none (anti), nothing (left). Inner and left edges give
 * the process function a group, semi and anti edges only select.
 */
export type JoinKind = 'inner' | 'left' | 'semi' | 'anti';

export function givesGroups(kind: JoinKind): boolean {
  return kind === 'inner' || kind === 'left';
}
