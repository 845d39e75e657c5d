import 'reflect-metadata';
import { runAndShow } from '../support/run-and-show.js';
import { makeMill } from './mill.js';

void runAndShow(
  'Cached prices: a service that is asked for several orders at once.',
  makeMill(),
  'out/priced-orders.ndjson',
);
