import { oracle } from '../oracle/oracle.js';
import type { RandomCase } from '../oracle/random-case.js';
import { Random } from '../support/random.js';
import { run } from './harness.js';

/** A difference between the lane and the oracle, with all that is needed to see it again. */
export class Difference extends Error {
  constructor(what: string, one: RandomCase, more: object) {
    super(`${what}, seed ${one.seed}\n${JSON.stringify({ root: one.root, data: one.data, ...more })}`);
  }
}

/**
 * The lane against the oracle on one case: the calls, the late; then a restart from every vector of the run, and from
 * one vector of each of those, gives exactly the rest. Gives the number of restarts.
 */
export function checkCase(one: RandomCase): number {
  const random = new Random(one.seed ^ 0x5eed);
  const expected = oracle(one.root, one.data);
  const want = expected.calls.map((call) => JSON.stringify(call));
  const whole = run(one.root, one.data, random);
  if (whole.last !== 'done') throw new Difference(`ended by ${whole.last}`, one, {});
  const given = whole.given.map((call) => JSON.stringify(call));
  if (given.join() !== want.join())
    throw new Difference('calls differ', one, { given: whole.given, want: expected.calls });
  const tried = new Set<string>();
  for (const moment of whole.vectors) {
    const key = JSON.stringify([moment.given, moment.vector]);
    if (tried.has(key)) continue;
    tried.add(key);
    const again = run(one.root, one.data, random, moment.vector);
    const rest = want.slice(moment.given).join();
    if (again.given.map((call) => JSON.stringify(call)).join() !== rest) {
      throw new Difference('a restart differs', one, {
        moment,
        given: again.given,
        want: expected.calls.slice(moment.given),
      });
    }
    const late = [...whole.late.slice(0, moment.late), ...again.late];
    if (new Set(late).size !== late.length) throw new Difference('late twice', one, { moment, late });
    const second = random.pick(again.vectors);
    const third = run(one.root, one.data, random, second.vector);
    if (third.given.map((call) => JSON.stringify(call)).join() !== want.slice(moment.given + second.given).join()) {
      throw new Difference('a second restart differs', one, { moment, second, given: third.given });
    }
  }
  return tried.size;
}
