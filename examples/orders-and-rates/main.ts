import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow(
  'Orders and rates: each order in euros, by the rate that was valid then; two brokers in one mill.',
  makeMill(),
  'out/priced-orders.ndjson',
  'out/unpriced-orders.ndjson',
);
