import { Field, Message, message } from 'watermill';
import { flow, tumbling } from 'watermill/flow';
import { range } from '../mill/support/model.js';

@Message()
export class View {
  @Field() page!: number;
  @Field() user!: string;
  @Field() at!: number;
}

@Message()
export class Visit {
  @Field() page!: number;
  @Field() user!: string;
  @Field() at!: number;
}

@Message()
export class Count {
  @Field() user!: string;
  @Field() from!: number;
  @Field() views!: number;
  @Field() sum!: number;
}

/** Views are partitioned by page and counted by user; each user is on every page. */
export const [pages, users, perPage] = [3, 11, 200];
const userOf = (page: number, at: number): string => `user ${(at * 7 + page) % users}`;
export const views: readonly View[] = range(pages).flatMap((page) =>
  range(perPage).map((at) => message(View, { page, user: userOf(page, at), at })),
);

const keyed = () =>
  flow(View)
    .filter(({ at }) => at % 10 !== 0)
    .map((view) => message(Visit, { ...view }))
    .through(Visit, ({ user }) => user);

/** Returns the running count of each user. */
export const running = keyed()
  .statefulMap('counts', Count, {
    initial: (user) => ({ user, from: 0, views: 0, sum: 0 }),
    next: (count, { at }) => {
      const next = { ...count, views: count.views + 1, sum: count.sum + at };
      return [next, message(Count, next)];
    },
  })
  .to(Count);

/** Pages may be at any distance: values wait for the slowest. */
export const windows = keyed()
  .foldWindow('windows', Count, {
    window: tumbling({ size: 50 }),
    at: ({ at }) => at,
    wait: perPage,
    initial: (user) => ({ user, from: 0, views: 0, sum: 0 }),
    add: (count, { at }) => ({ ...count, views: count.views + 1, sum: count.sum + at }),
  })
  .map(({ start, value }) => message(Count, { ...value, from: start }))
  .to(Count);

/** Counts each user in spans of time, without a flow. */
export function countsByHand(span: number): Count[] {
  const counts = new Map<string, Count>();
  for (const { user, at } of views) {
    if (at % 10 === 0) continue;
    const from = Math.floor(at / span) * span;
    const { views: n, sum } = counts.get(`${user} ${from}`) ?? { views: 0, sum: 0 };
    counts.set(`${user} ${from}`, { user, from, views: n + 1, sum: sum + at });
  }
  return [...counts.values()];
}

export const byText = (counts: readonly object[]): string[] => counts.map((count) => JSON.stringify(count)).sort();

/** Checks that every count of each user appears once, up to the expected last one. */
export function checkRunning(found: readonly Count[]): void {
  for (const expected of countsByHand(perPage)) {
    const own = found.filter(({ user }) => user === expected.user).sort((a, b) => a.views - b.views);
    expect(own.map((count) => count.views)).toEqual(range(expected.views).map((n) => n + 1));
    expect(own.at(-1)).toEqual(expected);
  }
}
