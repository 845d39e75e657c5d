import { field } from '../../lib/expressions/field.js';
import { joinStreams } from '../../lib/joins/join-streams.js';
import { joinWith } from '../../lib/joins/join-with.js';
import { window } from '../../lib/joins/windows/expression-window.js';
import { tumblingWindow } from '../../lib/joins/windows/hopping-window.js';
import { Message } from '../../lib/messages/message-decorator.js';
import { makePlan } from '../../lib/mill/plan/make-plan.js';
import { processFunction } from '../../lib/mill/process/process-function.js';
import { broker, brokerOf, Item, Note, Speed, Weather } from './model.js';

const time = field(Item, 'time');
const byTime = { left: time, right: field(Weather, 'time') };
const base = joinStreams(Item, joinWith(Weather, byTime));

/** The fingerprint of a plan over this source. */
function printOf(source: any, inputs: any = [], options: any = {}): string {
  return makePlan({ process: processFunction(source, options, () => undefined), broker, inputs }).fingerprint;
}

describe('the fingerprint', () => {
  it('is the same for the same plan, whatever its inputs and outputs', () => {
    const print = printOf(base);
    expect(print).toMatch(/^[0-9a-f]{16}$/);
    expect(printOf(joinStreams(Item, joinWith(Weather, { ...byTime })))).toBe(print);
    expect(printOf(base, [], { emits: [Speed, Note], inject: ['x'] })).toBe(print);
    const elsewhere = brokerOf([
      [Item, 'a'],
      [Weather, 'b'],
    ]);
    expect(makePlan({ process: processFunction(base, {}, () => {}), broker: elsewhere }).fingerprint).toBe(print);
  });

  it('depends on names, not on classes and functions', () => {
    @Message({ name: 'Item' })
    class OtherItem extends Item {}
    const other = joinStreams(OtherItem, joinWith(Weather, { left: (item) => item.time + 1, right: byTime.right }));
    const again = joinStreams(Item, joinWith(Weather, { left: (item) => item.time + 2, right: byTime.right }));
    const otherBroker = brokerOf([
      [OtherItem, 'a'],
      [Weather, 'b'],
    ]);
    const plan = makePlan({ process: processFunction(other, {}, () => {}), broker: otherBroker });
    expect(plan.fingerprint).toBe(printOf(again));
  });

  it('changes with everything that a vector depends on', () => {
    const edge = (options: object) => joinStreams(Item, joinWith(Weather, { ...byTime, ...options } as typeof byTime));
    const windowed = (source: any) => joinStreams(source, joinWith(Weather, byTime));
    const on = [[field(Item, 'name'), field(Weather, 'place')]];
    const prints = [
      printOf(base),
      printOf(Item),
      printOf(joinStreams(Weather, joinWith(Item, { left: byTime.right, right: time }))),
      printOf(edge({ left: time.plus(1) })),
      printOf(edge({ right: byTime.right.plus(1) })),
      printOf(edge({ left: (item: Item) => item.time })),
      ...['left', 'semi', 'anti'].map((kind) => printOf(edge({ kind }))),
      printOf(edge({ within: [-5, 5] })),
      printOf(edge({ within: [-5, 6] })),
      printOf(edge({ on })),
      printOf(edge({ asOf: 'backward', tolerance: 5 })),
      printOf(edge({ asOf: 'forward', tolerance: 5 })),
      printOf(edge({ asOf: 'forward', tolerance: 6 })),
      printOf(windowed(window(Item, time))),
      printOf(windowed(window(Item, time.floorDiv(3)))),
      printOf(windowed(tumblingWindow(Item, time, { size: 10 }))),
      printOf(windowed(tumblingWindow(Item, time, { size: 20 }))),
      printOf(base, [[Item, { order: 'skip' }]]),
      printOf(base, [[Weather, { order: 'skip' }]]),
      printOf(base, [[Item, { order: { slack: 1 } }]]),
      printOf(base, [[Item, { order: { slack: 2 } }]]),
      printOf(base, [[Item, { order: { slack: 2, by: time.plus(1) } }]]),
      printOf(base, [], { unmatched: [[Weather, () => {}]] }),
    ];
    expect(new Set(prints).size).toBe(prints.length);
  });
});
