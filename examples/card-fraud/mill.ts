import { type Broker, field, JsonFileMessageBroker, message, Process, table, WaterMill } from 'watermill';
import { CardHistory, FraudAlert, Payment } from './messages.js';

/** This many rejected payments of a card within this many milliseconds are suspicious. */
const rejections = 3;
const within = 10 * 60 * 1000;
/** So is an amount of this many times the mean of the card, once it has this many payments. */
const factor = 10;
const known = 3;

export class CardHistories extends table(CardHistory, { key: field(CardHistory, 'card') }) {}

/** Two rules. Their history of each card is in the table, not in a field of this class, so a restart loses nothing. */
export class FraudRules {
  @Process({ emits: [FraudAlert] })
  check(payment: Payment, histories: CardHistories): FraudAlert | undefined {
    const { card } = payment;
    const history = histories.get(card) ?? { card, payments: 0, total: 0, rejected: [] };
    return payment.accepted ? accepted(payment, history, histories) : rejected(payment, history, histories);
  }
}

function accepted({ at, card, amount }: Payment, history: CardHistory, histories: CardHistories) {
  const { payments, total } = history;
  histories.put({ ...history, payments: payments + 1, total: total + amount });
  if (payments < known || amount * payments <= factor * total) return undefined;
  return message(FraudAlert, { at, card, reason: `${amount} is far above the mean, ${Math.round(total / payments)}` });
}

function rejected({ at, card }: Payment, history: CardHistory, histories: CardHistories) {
  const latest = [...history.rejected, at].slice(-rejections);
  const [first] = latest as [Date, ...Date[]];
  const isSuspicious = latest.length === rejections && at.getTime() - first.getTime() <= within;
  // After an alert the count starts over: one alert for three rejections, not one for each further one.
  histories.put({ ...history, rejected: isSuspicious ? [] : latest });
  return isSuspicious ? message(FraudAlert, { at, card, reason: `${rejections} rejected payments` }) : undefined;
}

export function files(samples = 'samples', out = 'out') {
  return new JsonFileMessageBroker([
    [Payment, `${samples}/payments.ndjson`],
    [FraudAlert, `${out}/alerts.ndjson`],
  ]);
}

export function makeMill(broker: Broker = files()) {
  return new WaterMill({ process: new FraudRules(), broker });
}
