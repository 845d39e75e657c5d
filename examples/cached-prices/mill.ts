import { container } from 'tsyringe';
import { type Broker, JsonFileMessageBroker, message, Process, WaterMill } from 'watermill';
import { Order, PricedOrder } from './messages.js';
import { PriceList } from './price-list.js';

/**
 * Up to 16 orders wait for their prices at once; they are written in their own order, in whatever order the responses
 * arrive.
 */
export class PriceOrders {
  @Process({ emits: [PricedOrder], concurrency: 16 })
  async price({ id, product, pieces }: Order, prices: PriceList): Promise<PricedOrder> {
    return message(PricedOrder, { id, product, total: pieces * (await prices.priceOf(product)) });
  }
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Order, `${samples}/orders.ndjson`],
    [PricedOrder, `${out}/priced-orders.ndjson`],
  ]);
}

/** The prices come from the container, so that a test can pass its own. */
export function makeMill(broker: Broker = files(), prices = new PriceList()) {
  const ownContainer = container.createChildContainer().registerInstance(PriceList, prices);
  return new WaterMill({ process: PriceOrders, broker, container: ownContainer });
}
