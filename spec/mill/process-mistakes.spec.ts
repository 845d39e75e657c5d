import 'reflect-metadata';
import { field, Joined, joinStreams, joinWith, MemoryMessageBroker, Process, WaterMill } from 'watermill';
import { refusal } from '../support/refusal.js';
import { Order, Price } from './support/model.js';

const tree = joinStreams(Order, joinWith(Price, { left: field(Order, 'time'), right: field(Price, 'time') }));
const broker = new MemoryMessageBroker([
  [Order, []],
  [Price, []],
]);
const making = (process: object): string => {
  const { code, message } = refusal(() => new WaterMill({ process, joinTree: tree, broker })) as any;
  return `${code}: ${message}`;
};

/** A class that is imported with `type`, at run time. */
interface Erased {
  readonly of: unknown;
}

class Clock {}

describe('parameters of a process', () => {
  it('of erased types are reported if a Joined is missing', () => {
    class Seller {
      @Process() sell(_order: Order, _prices: Erased): void {}
    }
    expect(making(Seller)).toBe(
      'WM_JOINED_COUNT: Seller.sell has 0 parameters of type Joined, and the source has 1 edge that has groups. Declare, after ' +
        'the master, Joined<Order, Price>. Metadata shows only Object as the type of parameter 2: if it is declared as Joined, import ' +
        "it without `type`, import { Joined } from 'watermill'; or do without metadata: @Process(source, { inject: […], emits: […] }).",
    );
  });

  it('in the wrong order report which comes first', () => {
    class Swapped {
      @Process() sell(_prices: Joined<Order, Price>, _order: Order): void {}
    }
    class ClockFirst {
      @Process() sell(_clock: Clock, _order: Order, _prices: Joined<Order, Price>): void {}
    }
    expect(making(Swapped)).toBe(
      'WM_MASTER_PARAMETER: Swapped.sell: parameter 1 is the master, expected Order, found Joined. The groups come after the ' +
        'master: put the parameter of class Order first.',
    );
    expect(making(ClockFirst)).toBe(
      'WM_MASTER_PARAMETER: ClockFirst.sell: parameter 1 is the master, expected Order, found Clock. What is injected comes ' +
        'last: put the parameter of class Order first.',
    );
  });
});
