import type { TestNode, TestWindow } from '../oracle/tree.js';
import { asOf, edge, equally, master, within } from './script.js';

/** A tree, and the results after each element: the moment at which every result is emitted. */
export type MomentTable = [name: string, root: TestNode, table: string];

const flat = (...args: Parameters<typeof edge>): TestNode => master([edge(...args)]);
const windowed = (window: TestWindow, ...edges: Parameters<typeof edge>[]): TestNode =>
  master(
    edges.map((one) => edge(...one)),
    { window },
  );

const equalMoments: MomentTable[] = [
  [
    'inner, equal: when the group is complete',
    flat('inner', equally),
    `
    M3
    C2
    C3
    C3b
    C4 > M3[C3 C3b]
    M3b > M3b[C3 C3b]
    M4
    C. > M4[C4]
    M5 > done
    `,
  ],
  [
    'left, equal: absence when the child has passed',
    flat('left', equally),
    `
    M1
    M2
    C2 > M1[]
    C3 > M2[C2]
    M3
    C. > M3[C3]
    M9 > M9[]
    M. > done
    `,
  ],
  [
    'semi, equal: at the first match',
    flat('semi', equally),
    `
    M1
    C1 > M1
    C1b
    M1b > M1b
    M2
    C3
    M3 > M3
    C.
    M4 > done
    `,
  ],
  [
    'anti, equal: when no match can come',
    flat('anti', equally),
    `
    M1
    C1
    M2
    C1b
    C3 > M2
    M3
    M4
    C. > M4
    M5 > M5
    M. > done
    `,
  ],
  [
    'inner, equal, on: what it excludes does not count',
    flat('inner', equally, 'C', { on: true }),
    `
    M3/x
    C3/y
    C3/x
    C4/x > M3/x[C3/x]
    M4/y
    C5/y
    M5
    M6/x
    C. > done
    `,
  ],
  [
    'left, equal, on: null equals nothing, and is known at once',
    flat('left', equally, 'C', { on: true }),
    `
    M3 > M3[]
    M3b/x
    C3
    C3b/x
    C4/x > M3b/x[C3b/x]
    M. > done
    `,
  ],
];

const withinMoments: MomentTable[] = [
  [
    'inner, within: when the child has passed the end of the band, both ends included',
    flat('inner', within(-1, 2)),
    `
    M5
    C3
    C4
    C7
    C7b
    C8 > M5[C4 C7 C7b]
    M9
    C11
    C. > M9[C8 C11]
    M12 > M12[C11]
    M13 > done
    `,
  ],
  [
    'left, within',
    flat('left', within(1, 2)),
    `
    M1
    C1
    C4 > M1[]
    M2
    C5 > M2[C4]
    C.
    M7 > M7[]
    M. > done
    `,
  ],
  [
    'semi, within: at the first inside',
    flat('semi', within(-1, 2)),
    `
    M5
    C3
    C4 > M5
    M6
    C8 > M6
    M9 > M9
    M10
    C13
    M. > done
    `,
  ],
  [
    'anti, within',
    flat('anti', within(0, 1)),
    `
    M1
    C2
    M3
    C4
    M5
    C7 > M5
    M7
    M8
    C. > M8
    M. > done
    `,
  ],
  [
    'inner, within, on',
    flat('inner', within(0, 1), 'C', { on: true }),
    `
    M1/x
    C1/y
    C2/x
    C3/x > M1/x[C2/x]
    M2/y
    C4/x
    M3/x
    C. > M3/x[C3/x C4/x]
    M. > done
    `,
  ],
  [
    'semi, within, on: not by another value',
    flat('semi', within(0, 5), 'C', { on: true }),
    `
    M1/x
    C1/y
    C2/x > M1/x
    M3/x
    C9/x
    M. > done
    `,
  ],
];

const asOfMoments: MomentTable[] = [
  [
    'inner, as of backward: when the child has passed the left key',
    flat('inner', asOf('backward')),
    `
    M5
    C3
    C5
    C5b
    C6 > M5[C5b]
    M5b > M5b[C5b]
    M6
    C. > M6[C6]
    M99 > M99[C6]
    M. > done
    `,
  ],
  [
    'left, as of backward with tolerance',
    flat('left', asOf('backward', 2)),
    `
    M5
    C2
    C6 > M5[]
    M8
    C9 > M8[C6]
    C.
    M12 > M12[]
    M. > done
    `,
  ],
  [
    'semi, as of backward: at the first at or before',
    flat('semi', asOf('backward', 2)),
    `
    M5
    C2
    C3 > M5
    M6
    C7
    M7 > M7
    M9 > M9
    M10
    C. > done
    `,
  ],
  [
    'anti, as of backward: the first match ends it all',
    flat('anti', asOf('backward')),
    `
    M1
    C2 > M1
    M2 > done
    `,
  ],
  [
    'inner, as of forward: at the first at or after',
    flat('inner', asOf('forward')),
    `
    M5
    C3
    C6 > M5[C6]
    M6 > M6[C6]
    M7
    C7 > M7[C7]
    C7b
    M8
    C. > done
    `,
  ],
  [
    'left, as of forward with tolerance: absence when the child has passed it',
    flat('left', asOf('forward', 2)),
    `
    M5
    C4
    C8 > M5[]
    M6 > M6[C8]
    M9
    C. > M9[]
    M. > done
    `,
  ],
  [
    'semi, as of forward',
    flat('semi', asOf('forward')),
    `
    M5
    C4
    C9 > M5
    M9 > M9
    M10
    C. > done
    `,
  ],
  [
    'anti, as of forward with tolerance',
    flat('anti', asOf('forward', 1)),
    `
    M5
    C7 > M5
    M6
    M7
    M8
    C. > M8
    M. > done
    `,
  ],
  [
    'inner, as of nearest: an exact hit at once; else when no nearer can come',
    flat('inner', asOf('nearest')),
    `
    M5
    C2
    C5 > M5[C5]
    C5b
    M6
    C9 > M6[C5b]
    M7 > M7[C5b]
    M8 > M8[C9]
    M11
    C13 > M11[C9]
    M12 > M12[C13]
    C.
    M20 > M20[C13]
    M. > done
    `,
  ],
  [
    'left, as of nearest with tolerance',
    flat('left', asOf('nearest', 1)),
    `
    M5
    C3
    C7 > M5[]
    M8
    C9 > M8[C7]
    M11
    C11 > M11[C11]
    M13
    C. > M13[]
    M. > done
    `,
  ],
  [
    'semi, as of nearest with tolerance: any match will do',
    flat('semi', asOf('nearest', 2)),
    `
    M5
    C3 > M5
    M6
    C8 > M6
    M12
    C15
    M13 > M13
    M. > done
    `,
  ],
  [
    'anti, as of nearest with tolerance',
    flat('anti', asOf('nearest', 2)),
    `
    M5
    C2
    C8 > M5
    M6
    M12
    C. > M12
    M. > done
    `,
  ],
  [
    'inner, as of backward with tolerance, on: what has ended too long ago ends it, also by a null',
    flat('inner', asOf('backward', 2), 'C', { on: true }),
    `
    M3/x
    C3/x
    C. > M3/x[C3/x]
    M5/x > M5/x[C3/x]
    M6 > done
    `,
  ],
  [
    'inner, as of nearest, on: of equals the first, also where all of them came before it was asked for',
    flat('inner', asOf('nearest'), 'C', { on: true }),
    `
    M5/y
    C5/x
    C5b/x
    C5c/y > M5/y[C5c/y]
    M5b/x > M5b/x[C5/x]
    M5c/x > M5c/x[C5/x]
    M. > done
    `,
  ],
  [
    'inner, as of backward, on, with tolerance',
    flat('inner', asOf('backward', 9), 'C', { on: true }),
    `
    M5/x
    C3/x
    C5/y
    C6/x > M5/x[C3/x]
    M6/y
    M7/x
    C7/x > M6/y[C5/y]
    C8/y > M7/x[C7/x]
    M. > done
    `,
  ],
];

const withoutChildren = (['inner', 'semi'] as const).flatMap((kind): MomentTable[] =>
  [equally, within(-1, 1), asOf('backward'), asOf('backward', 2), asOf('forward')].map((match) => [
    `${kind}, ${match.type}: an empty child ends it, whatever the master has`,
    flat(kind, match),
    'C. > done',
  ]),
);

const treeMoments: MomentTable[] = [
  [
    'several left edges: as soon as all are decided, in the order of the master',
    master([edge('left', equally, 'A'), edge('left', within(0, 2), 'B')]),
    `
    M1
    M2
    B4
    A3 > M1[][]
    B5 > M2[][B4]
    A.
    B.
    M3 > M3[A3][B4 B5]
    M. > done
    `,
  ],
  [
    'inner and anti edges: what fails a master element is used, whichever comes first',
    master([edge('inner', equally, 'A'), edge('anti', equally, 'B')]),
    `
    M1
    B1
    M2
    A2
    B3
    A4 > M2[A2]
    M3
    M4
    B.
    A. > M4[A4]
    M5 > done
    `,
  ],
  [
    'a subtree: only its survivors match',
    master([edge('inner', equally, 'B', { below: [edge('inner', equally, 'C')] })]),
    `
    M1
    B1:5
    B1b:7
    B2:8
    C6
    C7
    C8 > M1[B1b:7[C7]]
    M2
    B3:9
    C9 > M2[B2:8[C8]]
    M. > done
    `,
  ],
  [
    'a subtree: what a later one looks for does not pass what an earlier one waits with',
    master([
      edge('inner', within(0, 20), 'B', { below: [edge('inner', within(0, 10), 'C'), edge('inner', equally, 'D')] }),
    ]),
    `
    M1
    B5
    B12
    C6
    C8
    C13
    D5
    D12
    B.
    D.
    C30 > M1[B5[C6 C8 C13][D5] B12[C13][D12]]
    M. > done
    `,
  ],
  [
    'a subtree, on: what the last of what has ended looks for does not pass what those before it wait for',
    master([edge('inner', within(0, 20), 'B', { on: true, below: [edge('semi', equally, 'C')] })]),
    `
    M0/x
    B5/x
    B6/y
    B7/y
    B.
    C5 > M0/x[B5/x]
    C6
    C8
    M1/y > M1/y[B6/y]
    M. > done
    `,
  ],
  [
    'an inner edge below a left edge restricts the group',
    master([edge('left', equally, 'B', { below: [edge('inner', equally, 'C')] })]),
    `
    M1
    B1:5
    C6
    B2:7 > M1[]
    M2
    B3:9
    C. > M2[]
    M3 > M3[]
    M. > done
    `,
  ],
  [
    'as of picks among survivors',
    master([edge('inner', asOf('backward'), 'B', { below: [edge('semi', equally, 'C')] })]),
    `
    M5
    B3:3
    B4:4
    B6:6
    C3
    C5 > M5[B3:3]
    M6
    B7:7
    C6 > M6[B6:6]
    M. > done
    `,
  ],
  [
    'unmatched: just before the first master element that leaves them behind',
    master([edge('inner', equally, 'C', { unmatched: true })]),
    `
    C1
    M3 > unmatched C1
    C2 > unmatched C2
    C3
    C3b
    C4 > M3[C3 C3b]
    M3b > M3b[C3 C3b]
    M5 > unmatched C4
    C6
    M. > unmatched C6
    C. > done
    `,
  ],
  [
    'unmatched, left within: by the low end of the band',
    master([edge('left', within(-1, 1), 'C', { unmatched: true })]),
    `
    C1
    C4
    M3 > unmatched C1
    C5 > M3[C4]
    M6
    C8 > M6[C5]
    M9
    C11 > M9[C8]
    M. > unmatched C11
    C. > done
    `,
  ],
  [
    'unmatched on two edges: by edge, then in stream order, as soon as the first has no more',
    master([edge('left', equally, 'A', { unmatched: true }), edge('left', equally, 'B', { unmatched: true })]),
    `
    B3
    M5
    A4 > unmatched A4
    B4
    A5 > unmatched B3; unmatched B4
    B6
    A6 > M5[A5][]
    M. > unmatched A6
    A. > unmatched B6
    B. > done
    `,
  ],
  [
    'unmatched with a subtree: also when its own inner edge failed',
    master([edge('inner', equally, 'B', { unmatched: true, below: [edge('inner', equally, 'C')] })]),
    `
    M1
    B1:3
    B1b:4
    B2:5
    C4
    C5 > M1[B1b:4[C4]]
    M2 > unmatched B1:3
    B3:6
    C6 > M2[B2:5[C5]]
    M. > unmatched B3:6
    B. > done
    `,
  ],
];

const windowMoments: MomentTable[] = [
  [
    'window by expression: at the first master element with another key',
    windowed({ type: 'expression', key: 't' }),
    `
    M1
    M1b
    M2 > (M1 M1b)
    M1c > (M2)
    M. > (M1c); done
    `,
  ],
  [
    'window by expression with a join: also by one that does not match',
    windowed({ type: 'expression', key: 'a' }, ['inner', equally]),
    `
    M1/x
    M2/x
    C1
    C2
    C3
    M3/y > (M1/x[C1] M2/x[C2])
    C4
    M4/z > (M3/y[C3])
    C6
    M. > (M4/z[C4]); done
    `,
  ],
  [
    'tumbling window: when the frontier passes its end',
    windowed({ type: 'hopping', key: 't', size: 10, every: 10, offset: 0 }),
    `
    M1
    M9
    M10 > (M1 M9)
    M35 > (M10)
    M40 > (M35)
    M. > (M40); done
    `,
  ],
  [
    'hopping window with an offset, in the order of starts',
    windowed({ type: 'hopping', key: 't', size: 4, every: 2, offset: 1 }),
    `
    M4
    M5 > (M4)
    M6
    M9 > (M4 M5 M6); (M5 M6)
    M. > (M9); (M9); done
    `,
  ],
  [
    'hopping window with a join: the frontier of the master, matched or not',
    windowed({ type: 'hopping', key: 't', size: 2, every: 2, offset: 0 }, ['left', equally]),
    `
    M0
    M2
    C1 > (M0[])
    C2
    C3
    M4 > (M2[C2])
    M.
    C5 > (M4[]); done
    `,
  ],
  [
    'sliding window: with each element, both ends included',
    windowed({ type: 'sliding', key: 't', size: 3 }),
    `
    M1 > (M1)
    M4 > (M1 M4)
    M4b > (M1 M4 M4b)
    M5 > (M4 M4b M5)
    M9 > (M9)
    M. > done
    `,
  ],
  [
    'session: when the next is more than the gap away',
    windowed({ type: 'session', key: 't', gap: 2 }),
    `
    M1
    M3
    M5
    M8 > (M1 M3 M5)
    M. > (M8); done
    `,
  ],
  [
    'session over survivors: by any master element beyond the gap',
    windowed({ type: 'session', key: 't', gap: 2 }, ['semi', equally]),
    `
    M1
    C1
    M3
    C4
    M4 > (M1)
    M. > (M4); done
    `,
  ],
  [
    'count: with its last element; the rest at the end',
    windowed({ type: 'count', size: 2, every: 2 }),
    `
    M1
    M2 > (M1 M2)
    M3
    M. > (M3); done
    `,
  ],
  [
    'count with a slide',
    windowed({ type: 'count', size: 3, every: 1 }),
    `
    M1
    M2
    M3 > (M1 M2 M3)
    M4 > (M2 M3 M4)
    M. > (M3 M4); (M4); done
    `,
  ],
  [
    'count with gaps',
    windowed({ type: 'count', size: 1, every: 3 }),
    `
    M1 > (M1)
    M2
    M3
    M4 > (M4)
    M. > done
    `,
  ],
  [
    'batch: as count',
    windowed({ type: 'batch', size: 2, timeoutMs: 1000 }, ['inner', equally]),
    `
    M1
    M2
    C2
    M3
    C3
    C4 > (M2[C2] M3[C3])
    M4
    C5
    M. > (M4[C4]); done
    `,
  ],
  [
    'window by expression: at a timeout for another key; then a new one begins',
    windowed({ type: 'expression', key: 't' }),
    `
    timeout:7
    M1
    timeout:1
    M1b
    timeout:2 > (M1 M1b)
    timeout:3
    M1c
    M2 > (M1c)
    timeout
    M. > (M2); done
    `,
  ],
  [
    'window by expression with a join: at a timeout, with what survived',
    windowed({ type: 'expression', key: 't' }, ['semi', equally]),
    `
    M1
    M1b
    timeout:2
    C1
    timeout:1
    timeout:2 > (M1 M1b)
    M1c
    M2 > (M1c)
    C2
    timeout
    M. > (M2); done
    `,
  ],
  [
    'batch: at a timeout as it is; then a new one begins',
    windowed({ type: 'batch', size: 3, timeoutMs: 1000 }),
    `
    timeout
    M1
    M2
    timeout > (M1 M2)
    timeout
    M3
    M4
    M5 > (M3 M4 M5)
    M6
    M. > (M6); done
    `,
  ],
  [
    'count: no timeout closes it',
    windowed({ type: 'count', size: 2, every: 2 }, ['left', equally]),
    `
    C9
    M1
    timeout
    M2 > (M1[] M2[])
    M. > done
    `,
  ],
  [
    'session: no timeout closes it',
    windowed({ type: 'session', key: 't', gap: 2 }),
    `
    M1
    timeout
    M2
    M. > (M1 M2); done
    `,
  ],
  [
    'windows and unmatched: first the window, then the unmatched, then its own call',
    master([edge('left', equally, 'C', { unmatched: true })], { window: { type: 'sliding', key: 't', size: 1 } }),
    `
    C1
    M2 > unmatched C1
    C3 > (M2[])
    M3
    M5
    C6 > (M2[] M3[C3]); (M5[])
    M. > unmatched C6
    C. > done
    `,
  ],
];

const orderMoments: MomentTable[] = [
  [
    'skip: a late element is given at once, and changes nothing',
    master([edge('inner', equally, 'C', { order: { policy: 'skip' } })], { order: { policy: 'skip' } }),
    `
    M3
    M2
    C3
    C2 > late C2
    C? > late C?
    C4 > M3[C3]; late M2
    M3b > M3b[C3]
    M. > done
    `,
  ],
  [
    'slack: an element is out when none in time can come before it',
    master([], { order: { policy: 'slack', slack: 2, by: 't' } }),
    `
    M5
    M3 > M3
    M6
    M7 > M5
    M4 > late M4
    M5b > M5b
    M9 > M6; M7
    M. > M9; done
    `,
  ],
  [
    'slack on a child: what waits does not count yet',
    master([edge('semi', equally, 'C', { order: { policy: 'slack', slack: 2, by: 't' } })]),
    `
    M3
    C4
    C3
    C5 > M3
    M4
    M5
    C6 > M4
    C. > M5
    M. > done
    `,
  ],
  [
    'fail: an element out of order',
    flat('inner', equally),
    `
    M3
    C2
    C1 > violation of C at 1: order
    `,
  ],
  [
    'fail: an element without a key',
    flat('inner', equally),
    `
    M? > violation of M at 0: invalid
    `,
  ],
];

export const momentTables: MomentTable[] = [
  ...equalMoments,
  ...withinMoments,
  ...asOfMoments,
  ...withoutChildren,
  ...treeMoments,
  ...windowMoments,
  ...orderMoments,
];
