import { compile } from '../../../base/compile.js';
import { madeOnce } from '../../../base/made-once.js';
import { isNoNumberFrom, keyCode } from '../../../expressions/key-code.js';
import { kindRow } from '../../../joins/join-kind.js';
import type { EdgeSpec } from '../lane-spec.js';
import { type BatchSlice, emptySlice, nothing } from './batch-slice.js';
import { type CallRun, noGroup } from './call-run.js';

/** The state of a merge on equal keys. */
export interface Merge {
  readonly master: BatchSlice;
  readonly child: BatchSlice;
  /** The positions of the master's batch. */
  first: number;
  positions: readonly number[] | undefined;
  /** The last group, in an array that is never passed to a call, and its key. */
  members: readonly object[];
  from: number;
  to: number;
  groupKey: any;
  /** The index of the group in the child's batch; -1 if this merge found none. */
  groupAt: number;
  /** The number of child elements in groups. */
  matched: number;
}

/**
 * Takes master and child elements in the order of their keys, as long as these are finite numbers in order, and adds
 * the surviving master elements to a run until it is full. It stops before a group that may continue after the child's
 * batch.
 */
export type MergeNumbers = (merge: Merge, run: CallRun) => void;

export function newMerge(): Merge {
  return {
    master: emptySlice(),
    child: emptySlice(),
    first: 0,
    positions: undefined,
    members: nothing,
    from: 0,
    to: 0,
    groupKey: undefined,
    groupAt: -1,
    matched: 0,
  };
}

/** The merge of an edge, compiled at its first use. */
export const mergeNumbersOf = madeOnce(makeMerge);

/**
 * Generates the loop: it reads each key when it is needed, like a hand-written one, and is specific to the kind of the
 * edge (figures in decision 13). Without generated code it takes no elements.
 */
function makeMerge({ kind, left, right }: EdgeSpec): MergeNumbers {
  const [leftCode, rightCode] = [keyCode(left, 'leftKey'), keyCode(right, 'rightKey')];
  const { hasGroups, dropsWithMatch, dropsWithoutMatch } = kindRow(kind);
  const readRight = (key: string, at: string, low: string) => `
    element = rights[${at}];
    ${key} = ${rightCode.text};
    if (${isNoNumberFrom(key, low, 'Infinity')}) break merge;`;
  const wholeGroup = `
    let after = at, next;
    do {
      if (++after === rightEnd) break merge;
      ${readRight('next', 'after', 'left')}
    } while (next === left);
    members = rights;
    from = at;
    to = after;
    merge.matched += after - at;
    groupAt = at;
    at = after;
    high = left;
    right = next;`;
  // Each call gets its own array. Most groups have one element: a literal has capacity for just that.
  const ownGroup = 'isMatch ? (to - from === 1 ? [members[from]] : members.slice(from, to)) : []';
  const isDropped = dropsWithMatch ? 'isMatch' : dropsWithoutMatch ? '!isMatch' : 'false';
  const body = `
    return (merge, run) => {
      const { master, child, first, positions } = merge;
      const { elements: lefts, end: leftEnd } = master;
      const { elements: rights, end: rightEnd } = child;
      let { at: index, high: low } = master;
      let { at, high } = child;
      let { members, from, to, groupKey, groupAt } = merge;
      let element, right;
      merge: try {
        ${readRight('right', 'at', 'high')}
        for (; index < leftEnd; index++) {
          element = lefts[index];
          const left = ${leftCode.text};
          if (${isNoNumberFrom('left', 'low', 'Infinity')}) break merge;
          let isMatch = left === groupKey;
          if (!isMatch) {
            while (right < left) {
              high = right;
              if (++at === rightEnd) break merge;
              ${readRight('right', 'at', 'high')}
            }
            isMatch = right === left;
            if (isMatch) {
              ${hasGroups ? wholeGroup : 'groupAt = at;'}
              groupKey = left;
            }
          }
          low = left;
          if (${isDropped}) continue;
          run.add(lefts[index], positions === undefined ? first + index : positions[index], ${hasGroups ? ownGroup : 'noGroup'}, index + 1, at, merge.matched);
          if (!run.isFull) continue;
          index++;
          break;
        }
      } catch {}
      master.at = index;
      master.high = low;
      child.at = at;
      child.high = high;
      merge.members = members;
      merge.from = from;
      merge.to = to;
      merge.groupKey = groupKey;
      merge.groupAt = groupAt;
    };`;
  return compile<MergeNumbers>({ ...leftCode.scope, ...rightCode.scope, noGroup }, body) ?? (() => {});
}
