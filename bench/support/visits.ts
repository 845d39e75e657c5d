import 'reflect-metadata';
import { Field, field, Message, processFunction, table } from 'watermill';
import { digestOf } from './digest.js';

@Message()
export class PageView {
  @Field() at!: number;
  @Field() user!: string;
}

@Message()
export class Visits {
  @Field() user!: string;
  @Field() count!: number;
}

const key = field(Visits, 'user');
export class VisitsByUser extends table(Visits, { key }) {}
export class VisitsOnDisk extends table(Visits, { key, store: 'disk' }) {}

/** Yields views of many users, in a mixed order; each user's name is one string. */
export function* viewsOf(count: number, users: number): Generator<PageView, void> {
  const names = Array.from({ length: Math.min(count, users) }, (_, i) => nameOf(i));
  for (let at = 0; at < count; at++) yield viewAt(at, names[(at * 7_919) % users] as string);
}

export function viewAt(at: number, user: string): PageView {
  const view = new PageView();
  view.at = at;
  view.user = user;
  return view;
}

export const nameOf = (user: number): string => `user-${user}`;

/** Counts the views of each user. */
export function countingIn(visits: typeof VisitsByUser) {
  return processFunction(PageView, { inject: [visits] }, ({ user }, table) => {
    table.put({ user, count: (table.get(user)?.count ?? 0) + 1 });
  });
}

export function digestOfVisits(visits: Iterable<Visits>): string {
  const sorted = [...visits].map(({ user, count }) => [Number(user.slice('user-'.length)), count] as const);
  sorted.sort(([a], [b]) => a - b);
  return digestOf(sorted, (each) => each);
}
