import { setTimeout } from 'node:timers/promises';

/** Returns the price of a product in cents. */
export type AskForPrice = (product: string) => Promise<number>;

/** Stands for a remote service: it takes some time, and responds faster for later products of its list. */
async function askShop(product: string): Promise<number> {
  const prices: Readonly<Record<string, number>> = { lamp: 4900, chair: 8900, table: 24900, rug: 12900 };
  const place = Object.keys(prices).indexOf(product);
  await setTimeout(10 - place);
  const price = prices[product];
  if (price === undefined) throw new Error(`the shop has no price for ${JSON.stringify(product)}`);
  return price;
}

/** The prices of a service, each requested once. */
export class PriceList {
  /** Promises, so that orders that arrive during a request share its response. */
  private readonly answers = new Map<string, Promise<number>>();

  constructor(private readonly ask: AskForPrice = askShop) {}

  priceOf(product: string): Promise<number> {
    const known = this.answers.get(product);
    if (known !== undefined) return known;
    const answer = this.ask(product);
    this.answers.set(product, answer);
    // A failure is not cached: the next order requests the price again.
    answer.catch(() => this.answers.delete(product));
    return answer;
  }
}
